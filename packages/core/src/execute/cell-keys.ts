import { createHash } from 'node:crypto';
import type { PluginReference } from '../attacks/load-plugin.js';
import type { Cell } from '../plan/cells.js';
import { codeHash } from './code-hash.js';
import type { ProbeResult } from './task.js';
import { packageVersion, runtimeVersions } from './versions.js';

/**
 * For each cell a sha256 over everything that its outcomes depend on: victim, data, attack with its code, seed, engine,
 * yardstick, and the versions of what computes. Names are no part of it: what has the same key has the same outcomes.
 */
export function cellKeys(
  cells: readonly Cell[],
  probes: ReadonlyMap<string, ProbeResult>,
  { seed, yardstick, runtime = runtimeVersions }: KeyContext,
): Map<Cell, string> {
  const hashes = new Map<string, string>();
  const codeOf = (plugin: PluginReference | undefined) => {
    if (!plugin) return undefined;
    if (!hashes.has(plugin.url)) hashes.set(plugin.url, codeHash(plugin.url));
    return hashes.get(plugin.url);
  };
  const keys = cells.map((cell) => {
    const { name: _, model: __, ...settings } = cell.victim;
    const { plugin, version, params, threat, criterion, budget } = cell.attack;
    const { victim: info, dataset, yardstick: measure } = probes.get(cell.victim.name)!;
    const parts = [
      [packageVersion, runtime.onnxruntime, runtime.tfjs, runtime.node],
      seed,
      [dataset.hash, dataset.indices],
      [settings, info.hash, info.engine, info.inputShape],
      [plugin.name, version, sorted(params), threat, budget, codeOf(plugin)],
      criterion && [criterion.use, criterion.version, sorted(criterion.params), codeOf(criterion.plugin)],
      [measure, codeOf(yardstick)],
    ];
    return [cell, createHash('sha256').update(JSON.stringify(parts)).digest('hex')] as const;
  });
  return new Map(keys);
}

/** What the keys of all cells of a run have in common. */
export interface KeyContext {
  seed: number;
  yardstick?: PluginReference;
  runtime?: typeof runtimeVersions;
}

const sorted = (params: Record<string, unknown>) =>
  Object.entries(params).sort(([a], [b]) => (a < b ? -1 : 1));
