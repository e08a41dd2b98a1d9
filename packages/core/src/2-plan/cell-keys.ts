import { createHash } from 'node:crypto';
import type { ProbeResult } from '../3-worker/task.js';
import { codeHash } from '../plugins/code-hash.js';
import type { EstimatorEntry } from '../1-spec/spec.js';
import type { PluginReference } from '../plugins/load-plugin.js';
import { packageVersion, runtimeVersions } from '../versions.js';
import type { Cell } from './cells.js';

/**
 * For each cell a sha256 over everything that its outcomes depend on: victim, data, attack with its code, seed, engine,
 * estimator, and the versions of what computes. Names are no part of it: what has the same key has the same outcomes.
 */
export function cellKeys(
  cells: readonly Cell[],
  probes: ReadonlyMap<string, ProbeResult>,
  { seed, estimator, runtime = runtimeVersions }: KeyContext,
): Map<Cell, string> {
  const hashes = new Map<string, string>();
  const codeOf = (plugin: PluginReference | undefined) => {
    if (!plugin) return undefined;
    if (!hashes.has(plugin.url)) hashes.set(plugin.url, codeHash(plugin.url));
    return hashes.get(plugin.url);
  };
  const keys = cells.map((cell) => {
    const { name: _, model: __, source, engineSource, ...settings } = cell.victim;
    const { plugin, version, params, threat, criterion, budget } = cell.attack;
    const { victim: info, dataset, yardstick: measure } = probes.get(cell.victim.name)!;
    const parts = [
      [packageVersion, runtime.onnxruntime, runtime.tfjs, runtime.node],
      seed,
      [dataset.hash, dataset.indices],
      [
        settings,
        info.hash,
        info.engine,
        info.inputShape,
        ...(source ? [source.plugin.name, source.version, sorted(source.params), codeOf(source.plugin)] : []),
        ...(engineSource
          ? [[engineSource.version, sorted(engineSource.params), codeOf(engineSource.plugin)]]
          : []),
      ],
      [plugin.name, version, sorted(params), threat, budget, codeOf(plugin)],
      criterion && [criterion.use, criterion.version, sorted(criterion.params), codeOf(criterion.plugin)],
      [
        measure,
        estimator && [
          estimator.plugin.name,
          estimator.version,
          sorted(estimator.params),
          codeOf(estimator.plugin),
        ],
      ],
    ];
    return [cell, createHash('sha256').update(JSON.stringify(parts)).digest('hex')] as const;
  });
  return new Map(keys);
}

/** What the keys of all cells of a run have in common. */
export interface KeyContext {
  seed: number;
  estimator?: EstimatorEntry;
  runtime?: typeof runtimeVersions;
}

const sorted = (params: Record<string, unknown>) =>
  Object.entries(params).sort(([a], [b]) => (a < b ? -1 : 1));
