import type { Task, TaskResult } from './task.js';
import type { WorkerHost } from './worker-host.js';
import { work } from './work.js';

/**
 * Does tasks in this very process, one after the other as a worker does: for debugging, replay and tests. It cannot
 * be timed out.
 */
export function inProcessHost(): WorkerHost {
  let last: Promise<unknown> = Promise.resolve();
  return {
    run<T extends Task>(task: T): Promise<TaskResult<T>> {
      const mine = last.catch(() => {}).then(() => work(task));
      last = mine;
      return mine;
    },
    close: async () => {},
  };
}
