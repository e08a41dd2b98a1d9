import { fileURLToPath } from 'node:url';
import { Tinypool } from 'tinypool';
import type { Runtime } from '../engines/engine-names.js';
import { reviveError } from '../errors/gauntlet-error.js';
import { WorkerDied } from './failures.js';
import type { Task, TaskResult } from './task.js';
import type { WorkerHost } from './worker-host.js';

/** A pool of worker processes or threads, as the engine needs. A worker that dies costs its task alone. */
export function poolHost(workers: number, runtime: Runtime): WorkerHost {
  const pool = new Tinypool({
    filename: fileURLToPath(new URL('./worker.js', import.meta.url)),
    runtime,
    minThreads: 0,
    maxThreads: workers,
    // Between two chunks a worker keeps its victims and datasets.
    idleTimeout: 60_000,
    env: process.env as Record<string, string>,
  });
  // A worker that dies between two tasks is replaced; there is nothing to report.
  pool.on('error', () => {});
  return {
    async run<T extends Task>(task: T, signal: AbortSignal): Promise<TaskResult<T>> {
      try {
        return (await pool.run(task, { signal })) as TaskResult<T>;
      } catch (error) {
        const failure = reviveError(error);
        throw /exited unexpectedly|Terminating worker|ERR_WORKER/.test(failure.message)
          ? new WorkerDied()
          : failure;
      }
    },
    close: () => pool.destroy(),
  };
}
