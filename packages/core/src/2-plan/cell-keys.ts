import { createHash } from 'node:crypto';
import type { ProbeResult } from '../3-worker/task.js';
import { type CodeHash, codeHash } from '../plugins/code-hash.js';
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
  /** What cells try before their attacks. */
  examples: ReadonlyMap<Cell, { sha256: string }> = new Map(),
): CellKeys {
  const codes = new Map<string, CodeHash>();
  const unseen = new Map<Cell, string>();
  const hashOf = ({ url }: PluginReference) => {
    const code = codes.get(url) ?? codeHash(url);
    codes.set(url, code);
    return code;
  };
  const keys = cells.map((cell) => {
    const { name: _, model: __, source, engineSource, ...settings } = cell.victim;
    const { plugin, version, params, threat, criterion, budget } = cell.attack;
    const { victim: info, dataset, yardstick: measure } = probes.get(cell.victim.name)!;
    /** Models and engines say themselves what they depend on beside their code. */
    const codeOf = (reference: PluginReference, { readsAreKnown = false } = {}) => {
      const { hash, unseen: found } = hashOf(reference);
      const place = found.loads ?? (readsAreKnown ? undefined : found.reads);
      if (place !== undefined) unseen.set(cell, place);
      return hash;
    };
    const { remote } = source ?? {};
    if (remote && remote.version === undefined) unseen.set(cell, remote.url);
    const known = { readsAreKnown: true };
    const parts = [
      [packageVersion, runtime.onnxruntime, runtime.tfjs, runtime.node],
      seed,
      [dataset.hash, dataset.indices],
      [
        settings,
        info.hash,
        info.engine,
        info.inputShape,
        ...(source
          ? [source.plugin.name, source.version, sorted(source.params), codeOf(source.plugin, known)]
          : []),
        ...(engineSource
          ? [[engineSource.version, sorted(engineSource.params), codeOf(engineSource.plugin, known)]]
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
      ...(examples.has(cell) ? [examples.get(cell)!.sha256] : []),
    ];
    return [cell, createHash('sha256').update(JSON.stringify(parts)).digest('hex')] as const;
  });
  return { keys: new Map(keys), unseen, codes: new Map([...codes].map(([url, { hash }]) => [url, hash])) };
}

export interface CellKeys {
  keys: Map<Cell, string>;
  /** Cells of a plugin that takes in what no key can know, and where it does: their outcomes are good for one run. */
  unseen: ReadonlyMap<Cell, string>;
  /** sha256 of the code of each plugin, by its address. */
  codes: ReadonlyMap<string, string>;
}

/** What the keys of all cells of a run have in common. */
export interface KeyContext {
  seed: number;
  estimator?: EstimatorEntry;
  runtime?: typeof runtimeVersions;
}

const sorted = (params: Record<string, unknown>) =>
  Object.entries(params).sort(([a], [b]) => (a < b ? -1 : 1));
