import { fileURLToPath } from 'node:url';
import { Tinypool } from 'tinypool';
import { reviveError } from '@gauntlet/api';
import type { Setting, Task, TaskResult } from '../3-worker/task.js';
import { isWorkerDeath, WorkerDied } from './failures.js';
import type { WorkerHost } from './worker-host.js';

/** Seconds until workers that do not go are left to the system. */
const patience = 30;

/** Workers that open a setting ahead, at most: where a run finds all its outcomes in the cache, they have started in vain. */
const mostPrepared = 3;

/** A place for one worker process at a time, which is replaced if it dies. */
interface Slot {
  pool: Tinypool;
  /** Called when a worker dies that has no task: it was idle, or not ready yet. */
  onLoss?: () => void;
}

/**
 * Worker processes. Processes and not threads: native engines abort everything when a thread is ended in the middle of
 * a run, tfjs-node breaks in the second thread, and the system may take a process when memory runs out. A worker that
 * dies costs its task alone.
 *
 * Each worker is a pool of its own: tinypool forgets a task whose worker dies before it is ready, and its `error` event
 * does not say which task that was. With one worker in a pool it can only be the one that is waiting there.
 */
export function poolHost(workers: number): WorkerHost {
  const slots = Array.from({ length: workers }, (_, i) => openSlot(i + 1));
  const free = [...slots];
  const waiting: ((slot: Slot) => void)[] = [];
  // Workers that are starting or ending do not keep the process alive, and node would leave with code 13.
  const alive = setInterval(() => {}, 60_000);
  const closing = new AbortController();
  const release = (slot: Slot) => {
    const next = waiting.shift();
    if (next) next(slot);
    else free.unshift(slot);
  };
  return {
    async run<T extends Task>(task: T, signal: AbortSignal): Promise<TaskResult<T>> {
      const slot = free.shift() ?? (await new Promise<Slot>((resolve) => waiting.push(resolve)));
      try {
        return await runIn(slot, task, signal);
      } finally {
        release(slot);
      }
    },
    prepare(setting: Setting, next: number) {
      for (const slot of free.splice(next, mostPrepared))
        void runIn(slot, { kind: 'open', ...setting }, closing.signal)
          .catch(() => {})
          .finally(() => release(slot));
    },
    async renew() {
      await Promise.all(slots.map(({ pool }) => pool.recycleWorkers()));
    },
    async close() {
      closing.abort();
      const tooLate = new Promise((resolve) => setTimeout(resolve, patience * 1000).unref());
      await Promise.race([Promise.all(slots.map(({ pool }) => pool.destroy())), tooLate]);
      clearInterval(alive);
    },
  };
}

function openSlot(number: number): Slot {
  const pool = new Tinypool({
    filename: fileURLToPath(new URL('../3-worker/worker.js', import.meta.url)),
    runtime: 'child_process',
    minThreads: 0,
    maxThreads: 1,
    // Between two chunks a worker keeps its victims and datasets.
    idleTimeout: 60_000,
    env: { ...process.env, GAUNTLET_WORKER: String(number) } as Record<string, string>,
  });
  const slot: Slot = { pool };
  pool.on('error', () => {
    // A dead worker may be heard of twice (its end, a message it did not get): the second time another is there.
    if (pool.threads.length === 0) slot.onLoss?.();
  });
  return slot;
}

async function runIn<T extends Task>(slot: Slot, task: T, signal: AbortSignal): Promise<TaskResult<T>> {
  const forget = new AbortController();
  const lost = new Promise<never>((_, reject) => {
    slot.onLoss = () => {
      reject(new WorkerDied('before it was ready'));
      // The pool would give the task to its next worker, beside the second try.
      forget.abort();
    };
  });
  try {
    const options = { signal: AbortSignal.any([signal, forget.signal]) };
    return (await Promise.race([slot.pool.run(task, options), lost])) as TaskResult<T>;
  } catch (error) {
    if (error instanceof WorkerDied) throw error;
    const failure = reviveError(error);
    throw isWorkerDeath(failure) ? new WorkerDied() : failure;
  } finally {
    slot.onLoss = undefined;
  }
}
