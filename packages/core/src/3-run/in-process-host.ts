import { OpenSettings } from '../3-worker/open-setting.js';
import type { Task, TaskResult } from '../3-worker/task.js';
import { work } from '../3-worker/work.js';
import type { WorkerHost } from './worker-host.js';

/**
 * Does tasks in this very process, one after the other as a worker does: for debugging and tests. It cannot be timed
 * out. Like a new worker it has nothing opened yet: a model that has changed since the last run is read again.
 */
export function inProcessHost(): WorkerHost {
  const opened = new OpenSettings();
  let last: Promise<unknown> = Promise.resolve();
  return {
    run<T extends Task>(task: T): Promise<TaskResult<T>> {
      const mine = last.catch(() => {}).then(() => work(task, opened));
      last = mine;
      return mine;
    },
    async close() {
      await last.catch(() => {});
      await opened.close();
    },
  };
}
