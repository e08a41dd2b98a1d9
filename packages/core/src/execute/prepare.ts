import { createHash } from 'node:crypto';
import { accessSync, constants, mkdirSync, readFileSync } from 'node:fs';
import { totalmem } from 'node:os';
import type { PluginReference } from '../attacks/load-plugin.js';
import { GauntletError, reasonOf } from '../errors/gauntlet-error.js';
import type { Cell } from '../plan/cells.js';
import type { Spec } from '../spec/spec.js';
import { withTimeout } from './run-chunk.js';
import type { ProbeResult, Setting } from './task.js';
import type { WorkerHost } from './worker-host.js';

export const { version: packageVersion } = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
) as { version: string };

/** What a worker has to open for a cell. */
export function setting(
  spec: Spec,
  { victim }: Pick<Cell, 'victim'>,
  yardstick: PluginReference | undefined,
): Setting {
  return { victim, dataset: spec.dataset, seed: spec.seed, yardstick };
}

/** Opens every victim once, in a worker: what is wrong with model or data comes out before any attack runs. */
export async function probeVictims(
  spec: Spec,
  cells: readonly Cell[],
  host: WorkerHost,
  yardstick: PluginReference | undefined,
  timeout: number,
  signal: AbortSignal,
): Promise<Map<string, ProbeResult>> {
  const victims = new Map(cells.map((cell) => [cell.victim.name, cell] as const));
  const results = await Promise.all(
    [...victims].map(async ([name, cell]) => {
      const differentiates = cells.some(({ victim, attack }) => victim.name === name && attack.usesGradients);
      const task = { kind: 'probe', differentiates, ...setting(spec, cell, yardstick) } as const;
      return [name, await withTimeout(host, task, { timeout, signal })] as const;
    }),
  );
  return new Map(results);
}

/** Everything that outcomes depend on; a journal with another key is another run's. */
export function resumeKey(spec: Spec, probes: ReadonlyMap<string, ProbeResult>): string {
  const attacks = spec.attacks.map(({ name, use, version, params, threat, criterion, budget }) => ({
    name,
    use,
    version,
    params,
    threat,
    criterion: criterion && [criterion.use, criterion.version, criterion.params],
    budget,
  }));
  const victims = [...probes].map(([name, { victim }]) => [
    name,
    victim.hash,
    victim.engine,
    victim.inputShape,
  ]);
  const settings = spec.victims.map(({ name, bounds, output, features, preprocess, gradients }) => [
    name,
    bounds,
    output,
    features,
    preprocess,
    gradients,
  ]);
  const { dataset, yardstick } = [...probes.values()][0];
  return createHash('sha256')
    .update(JSON.stringify([spec.seed, attacks, victims, settings, dataset.hash, yardstick, packageVersion]))
    .digest('hex');
}

export function makeOutputFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
  } catch (error) {
    throw new GauntletError(
      'output-unwritable',
      `The run folder cannot be written: ${reasonOf(error)}. Choose another with --output.`,
    );
  }
}

/** A wasm heap ends at 4 GiB; half of the machine is left to everything else. */
export function memoryPerWorker(workers: number): number {
  return Math.min(2 * 2 ** 30, totalmem() / 2 / Math.max(1, workers));
}
