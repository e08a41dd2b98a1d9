import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { WorkerDied, WorkerSlots } from '@gauntlet/core';
import { trainHere, type TrainHost } from './train-here.js';
import type { TrainResult, TrainTask } from './train-task.js';

const script = fileURLToPath(new URL('./train-worker.js', import.meta.url));

/**
 * Trainings on worker processes, or in this one without workers; each is recorded when it is done so that a later run need not
 * repeat it.
 */
export class TrainPool {
  readonly #host: TrainHost;
  readonly #journal: string;
  readonly #done = new Map<string, TrainResult>();

  constructor(workers: number, journal: string, resume: boolean) {
    this.#journal = journal;
    if (!resume) rmSync(journal, { force: true });
    const text = existsSync(journal) ? readFileSync(journal, 'utf8') : '';
    // A call killed in the middle of a write leaves a line without its end; that training is done again.
    const complete = text.slice(0, text.lastIndexOf('\n') + 1);
    if (complete.length < text.length) truncateSync(journal, Buffer.byteLength(complete));
    for (const line of complete.split('\n').filter(Boolean)) {
      const { key, ...result } = JSON.parse(line) as TrainResult & { key: string };
      // A journal of before the variance was measured: that training is done again.
      if (result.varianceKept !== undefined) this.#done.set(key, result);
    }
    this.#host = workers === 0 ? trainHere() : new WorkerSlots(script, workers);
  }

  /** `content` names what the task's files hold (hashes): with other content it is another task. */
  async run(task: TrainTask, content: string, signal?: AbortSignal): Promise<TrainResult> {
    const key = createHash('sha256')
      .update(JSON.stringify([content, { ...task, save: undefined }]))
      .digest('hex');
    const before = this.#done.get(key);
    if (before) return before;
    const result = await this.#train(task, signal);
    appendFileSync(this.#journal, `${JSON.stringify({ key, ...result })}\n`);
    this.#done.set(key, result);
    return result;
  }

  /** A worker that dies (a crash, a kill, no memory left) costs one more try. */
  async #train(task: TrainTask, signal?: AbortSignal, again = true): Promise<TrainResult> {
    try {
      return await this.#host.run(task, signal);
    } catch (error) {
      if (!(error instanceof WorkerDied) || !again || signal?.aborted) throw error;
      return this.#train(task, signal, false);
    }
  }

  close(): Promise<void> {
    return this.#host.close();
  }
}
