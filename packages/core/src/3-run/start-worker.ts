import { fileURLToPath } from 'node:url';
import type { StartTask } from '../3-worker/task.js';
import { WorkerSlot } from './worker-slot.js';

export type { WorkerSlot } from './worker-slot.js';

/** What workers are. */
export const script = fileURLToPath(new URL('../3-worker/worker.js', import.meta.url));

/**
 * Starts the first worker of a run to come, which loads the engines meanwhile: whoever calls it early, before all that a run
 * takes is loaded and its spec is read, has the run begin sooner.
 */
export function startWorker(): WorkerSlot {
  const slot = new WorkerSlot(script, 1);
  slot.start({ kind: 'start' } satisfies StartTask);
  return slot;
}
