import { WorkerSlot } from './worker-slot.js';

/** Seconds until workers that do not go are left to the system. */
const patience = 30;

/**
 * Worker processes that do tasks, one each at a time. Processes and not threads: native engines abort everything when a thread is
 * ended in the middle of a run, tfjs-node breaks in the second thread, and the system may take a process when memory runs
 * out. A worker that dies costs its task alone.
 */
export class WorkerSlots {
  readonly #slots: WorkerSlot[];
  readonly #free: WorkerSlot[];
  readonly #waiting: ((slot: WorkerSlot) => void)[] = [];
  /** Workers that are starting or ending do not keep the process alive, and node would leave with code 13. */
  readonly #alive = setInterval(() => {}, 60_000);

  /**
   * @param script Absolute path of the module that does the tasks
   * @param first A worker of it that is there already
   */
  constructor(script: string, workers: number, first?: WorkerSlot) {
    this.#slots = Array.from({ length: workers }, (_, i) =>
      i === 0 && first ? first : new WorkerSlot(script, i + 1),
    );
    this.#free = [...this.#slots];
  }

  /** @throws What `WorkerSlot.run` throws */
  async run<T>(task: unknown, signal?: AbortSignal): Promise<T> {
    const slot =
      this.#free.shift() ?? (await new Promise<WorkerSlot>((resolve) => this.#waiting.push(resolve)));
    try {
      return await slot.run<T>(task, signal);
    } finally {
      this.#release(slot);
    }
  }

  /** Gives a task to idle workers, all but the `next` that get tasks at once and `most` of them; its end is nobody's concern. */
  prepare(task: unknown, next: number, most: number, signal: AbortSignal): void {
    for (const slot of this.#free.splice(next, most))
      void slot
        .run(task, signal)
        .catch(() => {})
        .finally(() => this.#release(slot));
  }

  async renew(): Promise<void> {
    await Promise.all(this.#slots.map((slot) => slot.renew()));
  }

  async close(): Promise<void> {
    const tooLate = new Promise((resolve) => setTimeout(resolve, patience * 1000).unref());
    await Promise.race([Promise.all(this.#slots.map((slot) => slot.close())), tooLate]);
    clearInterval(this.#alive);
  }

  #release(slot: WorkerSlot): void {
    const next = this.#waiting.shift();
    if (next) next(slot);
    else this.#free.unshift(slot);
  }
}
