import type { Task, TaskResult } from '../3-worker/task.js';

/** Something that does tasks, one per call, up to its own number at a time. */
export interface WorkerHost {
  /** Rejects with `WorkerDied` if the worker ends without an answer; aborting the signal ends the worker. */
  run<T extends Task>(task: T, signal: AbortSignal): Promise<TaskResult<T>>;
  close(): Promise<void>;
}
