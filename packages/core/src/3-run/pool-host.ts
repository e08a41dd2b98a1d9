import { fileURLToPath } from 'node:url';
import type { Setting, Task, TaskResult } from '../3-worker/task.js';
import type { WorkerHost } from './worker-host.js';
import { WorkerSlots } from './worker-slots.js';

/** Workers that open a setting ahead, at most: where a run finds all its outcomes in the cache, they have started in vain. */
const mostPrepared = 3;

const script = fileURLToPath(new URL('../3-worker/worker.js', import.meta.url));

/** Worker processes on this machine. */
export function poolHost(workers: number): WorkerHost {
  const slots = new WorkerSlots(script, workers);
  const closing = new AbortController();
  return {
    run: <T extends Task>(task: T, signal: AbortSignal) => slots.run<TaskResult<T>>(task, signal),
    prepare(setting: Setting, next: number) {
      slots.prepare({ kind: 'open', ...setting }, next, mostPrepared, closing.signal);
    },
    renew: () => slots.renew(),
    close() {
      closing.abort();
      return slots.close();
    },
  };
}
