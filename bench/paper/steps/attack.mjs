import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { cellFolder, loadSpec, npzBytes, readImages, run, writeWhole } from '@gauntlet/core';
import { builtIn, packages } from '@gauntlet/cli/built-in';
import { probeAttack } from './probe.mjs';

/** Seed of the attacks of parts that have one seed only. */
export const onlySeed = 1;

/** Perturbed images of a step, and which images of the dataset they are of. */
export const perturbedFile = 'perturbed.npz';

/** What is kept of each sample. */
const columns = [
  'miOwn',
  'mi',
  'miSelf',
  'ssim',
  'l2',
  'linf',
  'cleanReconstructionError',
  'reconstructionError',
  'gradients',
];
const letters = { broken: 'b', held: 'h', skipped: 's', unassessed: 'u' };
const short = (value) => (typeof value === 'number' ? Number(value.toPrecision(5)) : null);

/** Columns over the samples of a cell; statuses are one letter each. */
export function columnsOf(outcomes) {
  const used = columns.filter((name) => outcomes.some((one) => one[name] !== undefined));
  return {
    index: outcomes.map(({ index }) => index),
    status: outcomes.map(({ status }) => letters[status]).join(''),
    ...Object.fromEntries(used.map((name) => [name, outcomes.map((one) => short(one[name]))])),
  };
}

/** Runs a spec of one victim and one attack in a folder, where its journal stays; gives the cell. */
export async function runCell(spec, folder, { images, signal } = {}) {
  const file = path.join(folder, 'paper.robust.json');
  writeFileSync(file, `${JSON.stringify(spec, null, 1)}\n`);
  const loaded = await loadSpec(file, { builtIn: await builtIn(), packages });
  const options = { output: path.join(folder, 'run'), workers: 0, timeout: 1e6, signal, images };
  const report = await reportOf(loaded, options);
  signal?.throwIfAborted();
  return { cell: report.cells[0], victim: report.victims[0], output: options.output };
}

/** The report of a run that goes on where it was stopped, or begins anew where the journal is of other settings or code. */
async function reportOf(loaded, options, resume = true) {
  try {
    let report;
    for await (const event of run(loaded, { ...options, resume }))
      if (event.type === 'run-done') report = event.report;
    return report;
  } catch (error) {
    if (!resume || error.code !== 'resume-mismatch') throw error;
    return reportOf(loaded, options, false);
  }
}

/** Writes the perturbed images of a cell, and which images of the dataset they are of. */
async function keepPerturbed({ cell, output }, folder) {
  const attacked = cell.outcomes.filter(({ status }) => status === 'broken' || status === 'held');
  const { indices, perturbed, shape } = await readImages(
    cellFolder(output, cell),
    attacked.map(({ index }) => index),
    ['perturbed'],
  );
  const n = indices.length;
  const arrays = {
    x: { shape: [n, ...shape], data: perturbed },
    index: { shape: [n], data: Int32Array.from(indices) },
  };
  writeWhole(path.join(folder, perturbedFile), [npzBytes(arrays, 1)]);
  rmSync(output, { recursive: true });
}

/**
 * One attack on some images of a dataset; `task` gives, for a store, a spec's parts. `keep`: its images are for other steps;
 * `needs`: the steps that make its model.
 */
export function attackStep({ id, about, cost, task, keep = false, needs = [] }) {
  return {
    id,
    about,
    cost,
    needs,
    makes: keep ? perturbedFile : undefined,
    probe: ({ store }) => probeAttack(task(store), runCell),
    async run({ store, signal }) {
      const { victim, attack, dataset, seed } = task(store);
      const spec = { victim, dataset, seed, attacks: [attack] };
      const folder = store.work(id);
      const done = await runCell(spec, folder, { images: keep ? {} : undefined, signal });
      if (keep) await keepPerturbed(done, folder);
      return { engine: done.victim.engine, victimHash: done.victim.hash, ...columnsOf(done.cell.outcomes) };
    },
  };
}
