import { trainer } from './train-once.js';
import type { TrainResult, TrainTask } from './train-task.js';

/** Where trainings are done. */
export interface TrainHost {
  run(task: TrainTask, signal?: AbortSignal): Promise<TrainResult>;
  /** Begins no more of them. */
  close(): Promise<void>;
}

/** Trains in this very process, one task after the other: for debugging and tests. A training that has begun is not stopped. */
export function trainHere(): TrainHost {
  const train = trainer();
  const closing = new AbortController();
  let last: Promise<unknown> = Promise.resolve();
  return {
    run(task, signal) {
      const mine = last.then(() => {
        closing.signal.throwIfAborted();
        signal?.throwIfAborted();
        return train(task);
      });
      last = mine.catch(() => {});
      return mine;
    },
    async close() {
      closing.abort();
      await last;
    },
  };
}
