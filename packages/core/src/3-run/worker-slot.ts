import { Tinypool } from 'tinypool';
import { reviveError } from '@gauntlet/api';
import { isWorkerDeath, WorkerDied } from './failures.js';

/**
 * What V8 is told in a worker, which lives for seconds and whose time goes to an engine: collect garbage seldom, and compile
 * only what runs often, a flag that V8 12 (Node 22) has no more and would not start with. On 1,000 MNIST images that all break
 * both together save a sixth of a run's CPU time.
 */
const v8Flags = [
  '--max-semi-space-size=64',
  '--initial-old-space-size=512',
  ...(Number.parseInt(process.versions.v8) < 12 ? ['--interrupt-budget=1000000'] : []),
];

/**
 * A place for one worker process at a time, which is replaced if it dies. A pool of several workers would not do: one that
 * dies before it is ready leaves its task pending for ever, and nobody would know which task that is.
 */
export class WorkerSlot {
  readonly #pool: Tinypool;
  #onLoss?: () => void;
  /** The process has been started ahead of its tasks. */
  #started: Promise<unknown> = Promise.resolve();

  /** @param script Absolute path of the module that does the tasks; the worker knows its place as GAUNTLET_WORKER */
  constructor(script: string, number: number) {
    this.#pool = new Tinypool({
      filename: script,
      runtime: 'child_process',
      minThreads: 0,
      maxThreads: 1,
      // Between two tasks a worker keeps what it has opened.
      idleTimeout: 60_000,
      execArgv: [...process.execArgv, ...v8Flags],
      env: { ...process.env, GAUNTLET_WORKER: String(number) } as Record<string, string>,
    });
    this.#pool.on('error', () => {
      // A dead worker may be heard of twice (its end, a message it did not get): the second time another is there.
      if (this.#pool.threads.length === 0) this.#onLoss?.();
    });
  }

  /** Starts the process ahead of its tasks, with one of which nobody waits for the end: what goes wrong comes out in the next. */
  start(task: unknown): void {
    this.#started = this.run(task).catch(() => {});
  }

  /**
   * One task at a time.
   * @throws WorkerDied where the process ended before the task did, otherwise what the task throws
   */
  async run<T>(task: unknown, signal?: AbortSignal): Promise<T> {
    await this.#started;
    const forget = new AbortController();
    const lost = new Promise<never>((_, reject) => {
      this.#onLoss = () => {
        reject(new WorkerDied('before it was ready'));
        // The pool would give the task to its next worker, beside the second try.
        forget.abort();
      };
    });
    try {
      const options = { signal: AbortSignal.any([forget.signal, ...(signal ? [signal] : [])]) };
      return (await Promise.race([this.#pool.run(task, options), lost])) as T;
    } catch (error) {
      if (error instanceof WorkerDied) throw error;
      const failure = reviveError(error);
      throw isWorkerDeath(failure) ? new WorkerDied() : failure;
    } finally {
      this.#onLoss = undefined;
    }
  }

  /** The next task has a new process. */
  renew(): Promise<void> {
    return this.#pool.recycleWorkers();
  }

  close(): Promise<void> {
    return this.#pool.destroy();
  }
}
