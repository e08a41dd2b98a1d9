// Faults drawn one after the other: each is done to a run, and what follows is judged.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Stream } from '@gauntlet/api';
import { Job } from './job.mjs';
import { faultsLeft, faultsOfRun, goOn } from './judge.mjs';
import { changesInputs, kinds, ownSignals, replaceModel } from './kinds.mjs';
import { orphansOf } from './processes.mjs';

/** Runs that nobody disturbs: what is to come out, with the first model and with the other. */
async function references(folder, { another }) {
  const job = new Job(path.join(folder, 'reference'), 'reference');
  const { code, ms, text, error } = await job.start().done;
  if (code !== 0) throw new Error(`The undisturbed run ended with code ${code}.\n${text}${error}`);
  const before = job.report();
  if (!another) return { before, typical: ms };
  replaceModel(job);
  const { code: second } = await job.start().done;
  if (second !== 0 || job.report() === before) throw new Error('The other model has the same report.');
  return { before, after: job.report(), typical: ms };
}

async function doFault(name, { folder, id, random, reference }) {
  const job = new Job(path.join(folder, id), `${path.basename(folder)}-${id}`);
  const { before, after, typical } = reference;
  const signals = ownSignals[name] ?? [];
  const moment = await kinds[name](job, { random, typical, job });
  const disturbed = [...job.runs];
  const orphans = await orphansOf(job.mark);
  const changed = changesInputs.has(name);
  const found = disturbed.flatMap((run) =>
    faultsOfRun(run, { signals, report: job.report(), valid: changed ? [before, after] : [before] }),
  );
  if (orphans.length > 0) found.push(`${orphans.length} processes outlive the run`);
  const ended = job.report() !== undefined && disturbed.some(({ code }) => code === 0 || code === 1);
  if (!ended || changed || job.damaged) await goOn(job);
  const expected = changed ? after : before;
  for (const run of job.runs.slice(disturbed.length))
    found.push(...faultsOfRun(run, { signals: [], report: job.report(), valid: [expected] }));
  found.push(...(await faultsLeft(job, expected)));
  if (found.length === 0) rmSync(job.folder, { recursive: true, force: true });
  return { moment, ends: job.runs.map(({ code, signal }) => signal ?? code).join(' → '), found };
}

/**
 * Does faults of the given kinds in turn until `times` rounds are done or the time is over.
 * Gives a row for each kind: how many were done, how many were not ok.
 */
export async function campaign({ names, seed, minutes, times, say }) {
  const folder = mkdtempSync(path.join(tmpdir(), 'gauntlet-faults-'));
  const end = performance.now() + 60_000 * minutes;
  const reference = await references(folder, {
    another: names.some((name) => changesInputs.has(name)),
  });
  const table = new Map(names.map((name) => [name, { done: 0, wrong: 0 }]));
  for (let round = 0; round < times && performance.now() < end; round++)
    for (const name of names) {
      if (performance.now() >= end) break;
      const id = `${name}-${round}`;
      const random = new Stream(seed, 'faults', name, round);
      const { moment, ends, found } = await doFault(name, { folder, id, random, reference });
      const row = table.get(name);
      row.done++;
      if (found.length > 0) row.wrong++;
      say(`${found.length > 0 ? 'NOT OK' : 'ok    '} ${id} (${moment}): ended ${ends}`);
      for (const one of found) say(`         ${one}`);
    }
  const wrong = [...table.values()].some((row) => row.wrong > 0);
  if (wrong) say(`What is not ok is kept in ${folder}`);
  else rmSync(folder, { recursive: true, force: true });
  return table;
}
