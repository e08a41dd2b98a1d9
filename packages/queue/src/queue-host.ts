import { randomUUID } from 'node:crypto';
import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { reasonOf } from '@gauntlet/api';
import {
  type ChunkResult,
  type ChunkTask,
  HostFailed,
  type Task,
  type TaskResult,
  withTimeout,
  type WorkerHost,
} from '@gauntlet/core';
import { connect, type QueueAddress, withoutSecrets } from './connect.js';
import { RedisStore } from './content/blob-store.js';
import { mapPaths } from './content/map-paths.js';
import { Publisher } from './content/publisher.js';
import type { S3Place } from './content/s3-place.js';
import { S3Store } from './content/s3-store.js';
import { chunkId, identityOf, keyOf, prefix, processName } from './identity.js';
import { aboutResult, aboutTask, type ResultMessage, type TaskMessage } from './messages.js';
import { orAborted } from './or-aborted.js';
import { OpenChunks } from './open-chunks.js';
import { receive } from './receive.js';
import { announce, beat, leave, list, refusalOf } from './roster.js';
import { Seal } from './seal.js';
import { Window } from './window.js';

export interface QueueOptions {
  /** Name of the spec, for whoever looks at the queue. */
  spec: string;
  /** Seconds that a chunk may take, and for which no worker may be at work. */
  timeout: number;
  /** Runs with a smaller number are served first. */
  priority: number;
  /** Share of the chunks whose images the local host judges once more. */
  verify: number;
  /** Bytes of content that are put into Redis, or where else it is put. */
  store: number | S3Place;
  /** Where installed packages are looked for. */
  packages: readonly string[];
  /** Opens victims for the plan, and judges again. */
  local: WorkerHost;
  say: (sentence: string) => void;
}

/** Chunks on the queue for each worker process, so that the next one is there when the last is done; and the least. */
const openPerSlot = 2;
const leastOpen = 4;
/** Milliseconds after which content in Redis is said to be needed still. */
const republish = 3_600_000;
/** Tries for content that a worker did not find. */
const contentTries = 3;

/**
 * Hands chunks to workers on other machines by way of BullMQ. What is lost on the way is put there again, what comes
 * twice counts once, and what is not what was asked for does not count. Victims are opened by a local host, which is the
 * referee too.
 */
export class QueueHost implements WorkerHost {
  readonly depth = 10_000;
  readonly timesTasks = true;
  readonly id = randomUUID();
  readonly #address: QueueAddress;
  readonly #options: QueueOptions;
  readonly #redis: Redis;
  readonly #blocking: Redis;
  readonly #queue: Queue;
  readonly #chunks: OpenChunks;
  readonly #publisher: Publisher;
  readonly #seal: Seal;
  readonly #identity;
  readonly #window = new Window(leastOpen);
  readonly #said = new Set<string>();
  #count = 0;
  #done = 0;
  #slots = 0;
  /** When a worker of this queue was last seen with a chunk, or a result came. */
  #alive = Date.now();
  #publishedAt = Date.now();
  /** Chunks whose models, data and code are on their way into the store. */
  #uploads = 0;
  /** Chunks between the window and their result. */
  #open = 0;
  /** Aborted with the error that ends the run. */
  readonly #failure = new AbortController();
  #timer?: NodeJS.Timeout;
  #looking: Promise<void> = Promise.resolve();
  #closed = false;

  /** @throws GauntletError `queue-unreachable`, or `queue-store` where the store takes nothing */
  static async open(address: QueueAddress, options: QueueOptions): Promise<QueueHost> {
    const { store } = options;
    const s3 = typeof store === 'number' ? undefined : new S3Store(store);
    await s3?.check();
    const redis = await connect(address);
    const host = new QueueHost(address, options, redis, s3);
    if (!address.key)
      host.#say('GAUNTLET_QUEUE_KEY is not set: whoever can write to the queue can forge outcomes.');
    await host.#look();
    void host.#listen();
    host.#schedule();
    return host;
  }

  private constructor(address: QueueAddress, options: QueueOptions, redis: Redis, s3?: S3Store) {
    const { store, packages, timeout, priority } = options;
    this.#address = address;
    this.#options = options;
    this.#redis = redis;
    this.#blocking = redis.duplicate({ lazyConnect: false });
    this.#blocking.on('error', () => {});
    this.#seal = new Seal(address.key);
    this.#identity = identityOf(address.key);
    this.#publisher = new Publisher(redis, {
      store: s3 ?? new RedisStore(redis),
      limit: typeof store === 'number' ? store : Infinity,
      packages,
      say: (sentence) => this.#say(sentence),
    });
    // Nobody listens to the events that each chunk makes.
    const streams = { events: { maxLen: 100 } };
    this.#queue = new Queue(this.#identity.queue, { connection: redis, prefix, streams });
    this.#queue.on('error', () => {});
    this.#chunks = new OpenChunks(redis, this.#queue, { timeout, priority });
  }

  /** Worker processes that are on the queue. */
  get slots(): number {
    return this.#slots;
  }

  run<T extends Task>(task: T, signal: AbortSignal): Promise<TaskResult<T>> {
    const { local, timeout } = this.#options;
    if (task.kind !== 'chunk') return withTimeout(local, task, { timeout, signal });
    return this.#runChunk(task, signal) as Promise<TaskResult<T>>;
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#blocking.disconnect();
    // Whoever has a chunk of this run lets go of it when the run is gone from the roster.
    if (this.#redis.status === 'ready') {
      await this.#looking;
      await this.#chunks.remove();
      await leave(this.#redis, 'run', this.id);
      await this.#redis.del(keyOf.results(this.id));
    }
    this.#redis.disconnect();
    await this.#queue.close().catch(() => {});
    await this.#options.local.close();
  }

  async #runChunk(task: ChunkTask, given: AbortSignal): Promise<ChunkResult> {
    if (task.randomised && this.#options.verify > 0)
      throw new HostFailed(
        'queue-verify',
        `${task.victim.name} says something else each time, so its outcomes cannot be verified. Leave out --verify.`,
      );
    await this.#window.enter();
    this.#open++;
    const signal = AbortSignal.any([given, this.#failure.signal]);
    try {
      const codes = new Map<string, string>();
      const plugin = async (url: string) => {
        const reference = await this.#publisher.plugin(url);
        codes.set(url, reference);
        return reference;
      };
      const portable = await mapPaths(task, { file: this.#publisher.file, plugin });
      for (let attempt = 1; ; attempt++) {
        const message = await this.#send(portable, signal);
        const { local, timeout, verify } = this.#options;
        const answer = receive({ task, codes, message }, { local, timeout, verify, signal });
        try {
          return await answer;
        } catch (error) {
          const { code } = error as { code?: string };
          if ((code !== 'queue-content' && code !== 'queue-store') || attempt === contentTries) throw error;
          const lost = 'error' in message.answer ? message.answer.error.lost : undefined;
          if (lost !== undefined) await this.#publish(() => this.#publisher.publishAgain(lost), signal);
        }
      }
    } catch (error) {
      if (error instanceof HostFailed) this.#failure.abort(error);
      throw error;
    } finally {
      this.#open--;
      this.#window.leave();
    }
  }

  async #send(task: ChunkTask, signal: AbortSignal): Promise<ResultMessage> {
    signal.throwIfAborted();
    await this.#publish(() => this.#publisher.publishNew(), signal);
    const id = chunkId(this.id, ++this.#count);
    const { timeout, verify, store } = this.#options;
    const place = typeof store === 'number' ? {} : { store: store.name };
    const message: TaskMessage = { run: this.id, id, timeout, allImages: verify > 0, task, ...place };
    const sealed = this.#seal.close(aboutTask(id), message).toString('base64');
    return this.#chunks.send(id, sealed, signal);
  }

  /** Without what they need no worker could do anything. */
  async #publish(publish: () => Promise<void>, signal: AbortSignal): Promise<void> {
    this.#uploads++;
    try {
      await orAborted(publish(), signal);
    } catch (error) {
      if ((error as { code?: string }).code !== 'queue-store') throw error;
      throw new HostFailed(
        'queue-store-lost',
        `${reasonOf(error)} What is finished is kept: run again with --resume when it is back.`,
      );
    } finally {
      this.#uploads--;
    }
  }

  async #listen(): Promise<void> {
    const key = keyOf.results(this.id);
    while (!this.#closed) {
      const found = await this.#blocking.blpopBuffer(key, 5).catch(() => null);
      if (found) this.#take(found[1]);
      else if (this.#blocking.status !== 'ready') await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  #take(sealed: Buffer): void {
    const message = this.#seal.open(aboutResult(this.id), sealed) as ResultMessage | undefined;
    if (!message)
      return this.#say('A result whose signature is wrong was left aside; its chunk is done again.');
    this.#alive = Date.now();
    if (this.#chunks.deliver(message)) this.#done++;
  }

  #schedule(): void {
    this.#timer = setTimeout(() => {
      this.#checkAlive();
      // While Redis is away there is nothing to see, and every command would wait for it.
      if (this.#redis.status !== 'ready') return this.#schedule();
      this.#looking = this.#look().catch((error: unknown) => this.#say(`The queue: ${reasonOf(error)}`));
      void this.#looking.then(() => this.#closed || this.#schedule());
    }, beat * 1000);
  }

  /** Says that this run is there, and looks who else is and what has become of its chunks. */
  async #look(): Promise<void> {
    const { spec, priority } = this.#options;
    const { id } = this;
    const about = { ...this.#identity, process: processName(), spec, priority };
    await announce(this.#redis, 'run', { ...about, id, open: this.#open, done: this.#done });
    const workers = await list(this.#redis, 'worker');
    const ours = workers.filter(({ queue }) => queue === this.#identity.queue);
    for (const one of workers) {
      const refusal = refusalOf(one, this.#identity);
      if (refusal !== undefined) this.#say(refusal);
    }
    this.#slots = ours.reduce((sum, one) => sum + one.slots, 0);
    this.#window.resize(Math.max(leastOpen, openPerSlot * this.#slots));
    if (ours.some(({ busy }) => busy > 0) || this.#open === 0 || this.#uploads > 0) this.#alive = Date.now();
    if (ours.length === 0 && this.#open > 0)
      this.#say(
        `No worker is on the queue: gauntlet work --queue ${withoutSecrets(this.#address.url)} starts one.`,
      );
    const gone = await this.#chunks.look();
    if (!gone && Date.now() - this.#publishedAt < republish) return;
    this.#publishedAt = Date.now();
    await this.#publisher.publish();
  }

  #checkAlive(): void {
    const { timeout } = this.#options;
    if (this.#open === 0 || Date.now() - this.#alive < timeout * 1000) return;
    const lost = this.#redis.status !== 'ready';
    const what = lost ? 'The queue could not be reached' : 'No worker has done anything';
    const code = lost ? 'queue-lost' : 'queue-no-worker';
    const when = lost ? 'it is back' : 'there are workers';
    this.#failure.abort(
      new HostFailed(
        code,
        `${what} for ${timeout} s (--timeout). What is finished is kept: run again with --resume when ${when}.`,
      ),
    );
  }

  /** Each sentence once in a run. */
  #say(sentence: string): void {
    if (!this.#said.has(sentence)) this.#options.say(sentence);
    this.#said.add(sentence);
  }
}
