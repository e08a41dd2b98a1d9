import type { PluginReference } from '../attacks/load-plugin.js';
import type { Cell } from '../plan/cells.js';
import type { Spec } from '../spec/spec.js';
import { withTimeout } from './run-chunk.js';
import { settingOf, type ProbeResult } from './task.js';
import type { WorkerHost } from './worker-host.js';

/** What opening a victim found out, by the victim's name. */
export type Probes = ReadonlyMap<string, ProbeResult>;

/** Opens every victim once, in a worker: what is wrong with model or data comes out before any attack runs. */
export async function probeVictims(
  spec: Spec,
  cells: readonly Cell[],
  host: WorkerHost,
  { timeout, signal, yardstick }: { timeout: number; signal: AbortSignal; yardstick?: PluginReference },
): Promise<Probes> {
  const victims = new Map(cells.map((cell) => [cell.victim.name, cell] as const));
  const results = await Promise.all(
    [...victims].map(async ([name, cell]) => {
      const differentiates = cells.some(({ victim, attack }) => victim.name === name && attack.usesGradients);
      const task = { kind: 'probe', differentiates, ...settingOf(spec, cell, yardstick) } as const;
      return [name, await withTimeout(host, task, { timeout, signal })] as const;
    }),
  );
  return new Map(results);
}
