import type { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { GauntletError } from '@gauntlet/api';
import { ChunkTimeout, WorkerDied } from '@gauntlet/core';
import { orAborted } from './or-aborted.js';
import { brokenSeal, type ResultMessage } from './messages.js';

/** A chunk that is on the queue or at a worker. */
interface OpenChunk {
  id: string;
  sealed: string;
  /** When a worker was seen to have begun it, and what said so: it changes when another begins. */
  begun?: { at: number; mark: string };
  /** How often in a row the queue was asked for it and did not have it. */
  absent: number;
  /** How often it was put on the queue. */
  tries: number;
  resolve(message: ResultMessage): void;
  reject(error: unknown): void;
}

/** How often a chunk is put on the queue that gets lost there. */
const mostTries = 6;
/** Seconds beyond the time-out: the worker gives up first, and says so. */
const grace = 60;
/** A failed job is of use until the planner has seen why. */
const keepFailed = 3600;

/** The chunks of a run that are not done, and what has become of each on the queue. */
export class OpenChunks {
  readonly #redis: Redis;
  readonly #queue: Queue;
  readonly #options: { timeout: number; priority: number };
  readonly #open = new Map<string, OpenChunk>();

  constructor(redis: Redis, queue: Queue, options: { timeout: number; priority: number }) {
    this.#redis = redis;
    this.#queue = queue;
    this.#options = options;
  }

  /** Puts a chunk on the queue, again and again if it gets lost there, and waits for its result. */
  async send(id: string, sealed: string, signal: AbortSignal): Promise<ResultMessage> {
    const answer = new Promise<ResultMessage>((resolve, reject) => {
      const chunk: OpenChunk = { id, sealed, absent: 0, tries: 0, resolve, reject };
      this.#open.set(id, chunk);
      this.#put(chunk);
    });
    try {
      return await orAborted(answer, signal);
    } finally {
      this.#open.delete(id);
    }
  }

  /** A result has come; false if it is of a chunk that is done already. */
  deliver(message: ResultMessage): boolean {
    const chunk = this.#open.get(message.id);
    chunk?.resolve(message);
    this.#open.delete(message.id);
    return chunk !== undefined;
  }

  /** Takes back what no worker has begun. */
  async remove(): Promise<void> {
    for (const id of this.#open.keys()) await this.#queue.remove(id).catch(() => {});
  }

  /**
   * Asks the queue for every chunk: what is gone is put there again, what failed there or takes too long is given up.
   * @returns Whether something was gone: content may be, too.
   */
  async look(): Promise<boolean> {
    const chunks = [...this.#open.values()].filter(({ tries }) => tries > 0);
    if (chunks.length === 0) return false;
    const pipeline = this.#redis.pipeline();
    for (const { id } of chunks)
      pipeline.hmget(this.#queue.toKey(id), 'timestamp', 'failedReason', 'processedOn', 'stc');
    const rows = ((await pipeline.exec()) ?? []).map(([, row]) => row as (string | null)[] | undefined);
    let gone = false;
    for (const [i, chunk] of chunks.entries()) {
      const row = rows[i];
      // Done meanwhile, or not known now.
      if (!this.#open.has(chunk.id) || !row) continue;
      const [there, failed, begun, stalled] = row;
      // A result may be on its way when its job is gone: a second look decides.
      chunk.absent = there === null ? chunk.absent + 1 : 0;
      if (failed !== null) await this.#onFailed(chunk, failed);
      else if (chunk.absent >= 2) {
        gone = true;
        this.#again(chunk);
      } else if (begun !== null) this.#checkTime(chunk, `${begun} ${stalled}`);
      else chunk.begun = undefined;
    }
    return gone;
  }

  async #onFailed(chunk: OpenChunk, reason: string): Promise<void> {
    await this.#queue.remove(chunk.id);
    if (reason === brokenSeal) this.#again(chunk);
    else if (/stalled/.test(reason)) chunk.reject(new WorkerDied());
    else chunk.reject(new GauntletError('queue-worker', `The worker failed: ${reason}`));
  }

  #checkTime(chunk: OpenChunk, mark: string): void {
    if (chunk.begun?.mark !== mark) chunk.begun = { at: Date.now(), mark };
    const { timeout } = this.#options;
    if (Date.now() - chunk.begun.at > (timeout + grace) * 1000) chunk.reject(new ChunkTimeout(timeout));
  }

  #again(chunk: OpenChunk): void {
    chunk.absent = 0;
    if (chunk.tries < mostTries) this.#put(chunk);
    else chunk.reject(new GauntletError('queue-lost', `The queue lost the chunk ${chunk.tries} times.`));
  }

  #put(chunk: OpenChunk): void {
    const { priority } = this.#options;
    const options = { jobId: chunk.id, priority, removeOnComplete: true, removeOnFail: { age: keepFailed } };
    this.#queue.add('chunk', { sealed: chunk.sealed }, options).then(
      () => chunk.tries++,
      (error: unknown) => chunk.reject(error),
    );
  }
}
