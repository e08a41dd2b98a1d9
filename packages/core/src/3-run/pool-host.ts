import type { Setting, Task, TaskResult } from '../3-worker/task.js';
import type { WorkerHost } from './worker-host.js';
import { script } from './start-worker.js';
import type { WorkerSlot } from './worker-slot.js';
import { WorkerSlots } from './worker-slots.js';

/** Workers that open a setting ahead, at most: where a run finds all its outcomes in the cache, they have started in vain. */
const mostPrepared = 3;

/** Worker processes on this machine; `first` is one that was started before. */
export function poolHost(workers: number, first?: WorkerSlot): WorkerHost {
  const slots = new WorkerSlots(script, workers, first);
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
