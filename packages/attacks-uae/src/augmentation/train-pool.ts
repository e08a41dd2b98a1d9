import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { reviveError } from '@gauntlet/core';
import { Tinypool } from 'tinypool';
import type { TrainResult, TrainTask } from './train-task.js';

/** Trainings on worker processes, each recorded when it is done so that a later run need not repeat it. */
export class TrainPool {
  readonly #pool: Tinypool;
  readonly #journal: string;
  readonly #done = new Map<string, TrainResult>();

  constructor(workers: number, journal: string, resume: boolean) {
    this.#journal = journal;
    if (!resume) rmSync(journal, { force: true });
    if (existsSync(journal)) {
      for (const line of readFileSync(journal, 'utf8').split('\n').slice(0, -1)) {
        const { key, ...result } = JSON.parse(line) as TrainResult & { key: string };
        this.#done.set(key, result);
      }
    }
    this.#pool = new Tinypool({
      filename: fileURLToPath(new URL('./train-worker.js', import.meta.url)),
      runtime: 'child_process',
      minThreads: 0,
      maxThreads: Math.max(1, workers),
      idleTimeout: 60_000,
      env: process.env as Record<string, string>,
    });
    this.#pool.on('error', () => {});
  }

  /** `content` names what the task's files hold (hashes): with other content it is another task. */
  async run(task: TrainTask, content: string, signal?: AbortSignal): Promise<TrainResult> {
    const key = createHash('sha256')
      .update(JSON.stringify([content, { ...task, save: undefined }]))
      .digest('hex');
    const before = this.#done.get(key);
    if (before) return before;
    const result = await this.#pool.run(task, { signal }).catch((error: unknown) => {
      throw reviveError(error);
    }) as TrainResult; // prettier-ignore
    appendFileSync(this.#journal, `${JSON.stringify({ key, ...result })}\n`);
    this.#done.set(key, result);
    return result;
  }

  close(): Promise<void> {
    return this.#pool.destroy();
  }
}
