import { fileURLToPath } from 'node:url';
import { Tinypool } from 'tinypool';
import { reviveError } from '@gauntlet/api';
import type { Task, TaskResult } from '../3-worker/task.js';
import { isWorkerDeath, WorkerDied } from './failures.js';
import type { WorkerHost } from './worker-host.js';

/**
 * A pool of worker processes. Processes and not threads: native engines abort everything when a thread is ended in
 * the middle of a run, tfjs-node breaks in the second thread, and the system may take a process when memory runs
 * out. A worker that dies costs its task alone.
 */
export function poolHost(workers: number): WorkerHost {
  const pool = new Tinypool({
    filename: fileURLToPath(new URL('../3-worker/worker.js', import.meta.url)),
    runtime: 'child_process',
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
        throw isWorkerDeath(failure) ? new WorkerDied() : failure;
      }
    },
    close: () => pool.destroy(),
  };
}
