import type { Spec } from '../1-spec/spec.js';
import type { Cell } from '../2-plan/cells.js';
import { settingOf } from '../2-plan/setting-of.js';
import type { Probes } from '../3-worker/probes.js';
import { WorkerDied } from './failures.js';
import { withTimeout } from './run-chunk.js';
import type { WorkerHost } from './worker-host.js';

/** Opens every victim once, in a worker: what is wrong with model or data comes out before any attack runs. */
export async function probeVictims(
  spec: Spec,
  cells: readonly Cell[],
  host: WorkerHost,
  { timeout, signal }: { timeout: number; signal: AbortSignal },
): Promise<Probes> {
  const victims = new Map(cells.map((cell) => [cell.victim.name, cell] as const));
  // An address may count and charge for what it is asked.
  if (!cells[0].victim.source?.remote) host.prepare?.(settingOf(spec, cells[0]), victims.size);
  const results = await Promise.all(
    [...victims].map(async ([name, cell]) => {
      const differentiates = cells.some(({ victim, attack }) => victim.name === name && attack.usesGradients);
      const task = { kind: 'probe', differentiates, ...settingOf(spec, cell) } as const;
      const probe = () => withTimeout(host, task, { timeout, signal });
      // Whatever took the worker away may not be there the second time.
      const result = await probe().catch((error: unknown) => {
        if (error instanceof WorkerDied && !signal.aborted) return probe();
        throw error;
      });
      return [name, result] as const;
    }),
  );
  return new Map(results);
}
