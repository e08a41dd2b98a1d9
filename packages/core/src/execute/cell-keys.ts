import { createHash } from 'node:crypto';
import type { PluginReference } from '../attacks/load-plugin.js';
import type { Cell } from '../plan/cells.js';
import type { Spec } from '../spec/spec.js';
import { codeHash } from './code-hash.js';
import { packageVersion } from './prepare.js';
import type { ProbeResult } from './task.js';

/**
 * For each cell a sha256 over everything that its outcomes depend on: victim, data, attack with its code, seed, engine,
 * yardstick. What has the same key has the same outcomes.
 */
export function cellKeys(
  spec: Spec,
  cells: readonly Cell[],
  probes: ReadonlyMap<string, ProbeResult>,
  yardstick: PluginReference | undefined,
): Map<string, string> {
  const hashes = new Map<string, string>();
  const codeOf = (plugin: PluginReference | undefined) => {
    if (!plugin) return undefined;
    if (!hashes.has(plugin.url)) hashes.set(plugin.url, codeHash(plugin.url));
    return hashes.get(plugin.url);
  };
  const keys = cells.map(({ id, victim, attack }) => {
    const { name: _, model: __, ...settings } = victim;
    const { plugin, version, params, threat, criterion, budget } = attack;
    const { victim: info, dataset, yardstick: measure } = probes.get(victim.name)!;
    const parts = [
      packageVersion,
      spec.seed,
      [dataset.hash, dataset.indices],
      [settings, info.hash, info.engine, info.inputShape],
      [plugin.name, version, sorted(params), threat, budget, codeOf(plugin)],
      criterion && [criterion.use, criterion.version, sorted(criterion.params), codeOf(criterion.plugin)],
      [measure, codeOf(yardstick)],
    ];
    return [id, createHash('sha256').update(JSON.stringify(parts)).digest('hex')] as const;
  });
  return new Map(keys);
}

const sorted = (params: Record<string, unknown>) =>
  Object.entries(params).sort(([a], [b]) => (a < b ? -1 : 1));
