import path from 'node:path';
import { type CellReport, GauntletError, type Report, type RunEvent } from '@gauntlet/api';
import {
  type CellChoice,
  cellFolder,
  cellName,
  type NamedArray,
  npzBytes,
  openDataset,
  readImages,
  run,
  type RunOptions,
  type Spec,
  writeWhole,
} from '@gauntlet/core';

/** The images that one attack made of a dataset. */
export interface AugmentedSet {
  victim: string;
  attack: string;
  /** .npz: `x` [n,h,w,c] float32 in the victim's bounds, `index` [n] in the dataset, `broken` [n] 0 or 1, `y` [n] labels if there are any. */
  file: string;
  n: number;
  /** How many of them met the attack's goal. */
  broken: number;
}

export interface AugmentOptions extends Omit<RunOptions, 'images' | 'bail' | 'baseline' | keyof CellChoice> {
  onEvent?: (event: RunEvent) => void;
}

/**
 * Attacks every image of a spec's dataset and writes what comes out, ready for training: one .npz for each victim and
 * attack, and manifest.json, into the output folder.
 * @throws GauntletError `augment-incomplete` if an attack left samples without a result.
 */
export async function augment(
  spec: Spec,
  { onEvent, ...options }: AugmentOptions,
): Promise<{ report: Report; sets: AugmentedSet[] }> {
  let report: Report | undefined;
  for await (const event of run(toTheEnd(spec), { ...options, images: {} })) {
    onEvent?.(event);
    if (event.type === 'run-done') report = event.report;
  }
  if (!report || report.interrupted)
    throw new GauntletError('interrupted', 'Stopped before all images were made. Go on with --resume.');
  const dataset = await openDataset(spec.dataset, spec.seed);
  const sets: AugmentedSet[] = [];
  for (const cell of report.cells)
    sets.push(await writeSet(cell, options.output, (indices) => dataset.labels(indices)));
  writeManifest(report, sets, options.output);
  return { report, sets };
}

/** Every image is wanted, whatever is decided before. */
const toTheEnd = (spec: Spec): Spec => ({
  ...spec,
  attacks: spec.attacks.map((attack) => ({
    ...attack,
    expectations: attack.expectations.map(({ early: _, ...rest }) => rest),
  })),
});

async function writeSet(
  cell: CellReport,
  output: string,
  labels: (indices: number[]) => Int32Array | undefined,
): Promise<AugmentedSet> {
  const lost = cell.outcomes.find(({ status }) => status === 'unassessed');
  if (lost)
    throw new GauntletError(
      'augment-incomplete',
      `${cell.id} has no result for sample ${lost.index}: ${lost.reason ?? 'unassessed'}. Go on with --resume.`,
    );
  const attacked = cell.outcomes.filter(({ status }) => status === 'broken' || status === 'held');
  const folder = cellFolder(output, cell);
  const { indices, perturbed, shape } = await readImages(
    folder,
    attacked.map(({ index }) => index),
    ['perturbed'],
  );
  if (indices.length < attacked.length)
    throw new GauntletError(
      'augment-incomplete',
      `${attacked.length - indices.length} images of ${cell.id} are missing in ${folder}. Run again with --force.`,
    );
  const broken = Uint8Array.from(attacked, ({ status }) => (status === 'broken' ? 1 : 0));
  const y = labels(indices);
  const n = indices.length;
  const arrays: Record<string, NamedArray> = {
    x: { shape: [n, ...shape], data: perturbed },
    index: { shape: [n], data: Int32Array.from(indices) },
    broken: { shape: [n], data: broken },
    ...(y && { y: { shape: [n], data: y } }),
  };
  const file = path.join(output, `${cellName(cell.id)}.npz`);
  writeWhole(file, [npzBytes(arrays, 6)]);
  return { victim: cell.victim, attack: cell.attack, file, n, broken: broken.reduce((a, b) => a + b, 0) };
}

function writeManifest(report: Report, sets: readonly AugmentedSet[], output: string): void {
  const manifest = {
    format: 'gauntlet-augmentation',
    version: 1,
    gauntlet: report.gauntlet,
    spec: report.spec,
    seed: report.seed,
    dataset: report.dataset,
    victims: report.victims.map(({ name, hash, engine, bounds }) => ({ name, hash, engine, bounds })),
    sets: report.cells.map(({ victim, attack, use, version, params, metrics, estimator }, i) => ({
      victim,
      attack,
      use,
      version,
      params,
      estimator,
      file: path.basename(sets[i].file),
      n: sets[i].n,
      broken: sets[i].broken,
      asr: metrics.asr?.value,
      l2: metrics.l2?.value,
      mi: metrics.mi?.value,
    })),
  };
  writeWhole(path.join(output, 'manifest.json'), [`${JSON.stringify(manifest, null, 2)}\n`]);
}
