import type { Setting, Task, TaskResult } from '../3-worker/task.js';

/** Something that does tasks, one per call, up to its own number at a time. */
export interface WorkerHost {
  /**
   * Rejects with `WorkerDied` if the worker ends without an answer, and with `HostFailed` if no later task could be done
   * either; aborting the signal ends the worker.
   */
  run<T extends Task>(task: T, signal: AbortSignal): Promise<TaskResult<T>>;
  /**
   * Has workers that are idle open a setting ahead of the tasks that will need it, all but the `next` that get tasks at once.
   * Whatever goes wrong comes out in the tasks.
   */
  prepare?(setting: Setting, next: number): void;
  /** Replaces workers: they keep modules as they were when they first loaded them. Absent where there are none to replace. */
  renew?(): Promise<void>;
  /** Tasks that it takes at a time, where that is not the number of workers of the run. */
  readonly depth?: number;
  /** It ends a task that takes too long by itself, and rejects with `ChunkTimeout`: a task may wait before it begins. */
  readonly timesTasks?: boolean;
  close(): Promise<void>;
}
