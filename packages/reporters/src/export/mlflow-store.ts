import { createHash } from 'node:crypto';
import { cpSync, existsSync, lstatSync, mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { WrittenFile } from '@gauntlet/api';
import { writeWhole } from '@gauntlet/core';
import type { MlflowRun } from './mlflow-runs.js';

/** Of `mlflow.entities.RunStatus`. */
const [finished, killed] = [3, 5];

/** Writes a run into a file store, and gives the folder of its artifacts. */
export function writeRun(store: string, run: MlflowRun): string {
  const experiment = experimentId(run.experiment);
  const home = path.join(store, experiment);
  const folder = path.join(home, run.id);
  const artifacts = path.join(folder, 'artifacts');
  for (const part of [home, folder]) notThroughLinks(part);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(artifacts, { recursive: true });
  if (!existsSync(path.join(home, 'meta.yaml')))
    write(path.join(home, 'meta.yaml'), {
      artifact_location: String(pathToFileURL(home)),
      creation_time: run.start,
      experiment_id: experiment,
      last_update_time: run.start,
      lifecycle_stage: 'active',
      name: run.experiment,
    });
  const all: [string, ReadonlyMap<string, unknown>, (value: unknown) => string][] = [
    ['params', run.params, String],
    ['tags', run.tags, String],
    // Time, value and step.
    ['metrics', run.metrics, (value) => `${run.end} ${String(value)} 0\n`],
  ];
  for (const [kind, entries, text] of all)
    for (const [key, value] of entries) {
      const file = path.join(folder, kind, key);
      mkdirSync(path.dirname(file), { recursive: true });
      writeWhole(file, [text(value)]);
    }
  // A run is there for MLflow as soon as this file is.
  write(path.join(folder, 'meta.yaml'), {
    artifact_uri: String(pathToFileURL(artifacts)),
    end_time: run.end,
    entry_point_name: '',
    experiment_id: experiment,
    lifecycle_stage: 'active',
    run_id: run.id,
    run_name: run.name,
    source_name: '',
    source_type: 4,
    source_version: '',
    start_time: run.start,
    status: run.interrupted ? killed : finished,
    tags: [],
    user_id: 'gauntlet',
  });
  return artifacts;
}

/** JSON is YAML. */
const write = (file: string, value: object) => writeWhole(file, [`${JSON.stringify(value, null, 1)}\n`]);

/** As MLflow makes them: 18 digits. */
const experimentId = (name: string): string =>
  (BigInt(`0x${createHash('sha256').update(name).digest('hex')}`) % 10n ** 18n).toString().padStart(18, '1');

/** In a folder of somebody else's it may be a link to anywhere. */
function notThroughLinks(folder: string): void {
  if (lstatSync(folder, { throwIfNoEntry: false })?.isSymbolicLink())
    throw new Error(`${folder} is a link; what is in a store of MLflow has to be a folder.`);
}

/** What the other reporters wrote, without the store itself. */
export function copyReports(written: readonly WrittenFile[], store: string, into: string): void {
  for (const { path: file } of written)
    if (file !== store && !store.startsWith(`${file}${path.sep}`))
      cpSync(file, path.join(into, path.basename(file)), { recursive: true, verbatimSymlinks: true });
}
