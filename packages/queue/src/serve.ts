import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Job, WaitingError, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { GauntletError, reasonOf } from '@gauntlet/api';
import type { WorkerHost } from '@gauntlet/core';
import { connect, type QueueAddress, withoutSecrets } from './connect.js';
import { Content } from './content/content.js';
import { type Identity, identityOf, keyOf, prefix, processName } from './identity.js';
import { aboutResult, aboutTask, brokenSeal, type ResultMessage, type TaskMessage } from './messages.js';
import { type Counters, serveMetrics } from './metrics.js';
import { perform } from './perform.js';
import { announce, beat, isRunning, leave, list } from './roster.js';
import { Seal } from './seal.js';

export interface WorkOptions {
  /** Does the chunks, this many at a time. */
  host: WorkerHost;
  slots: number;
  /** Instead of the engine that the planner chose. */
  engine?: string;
  /** Folder for models, data and plugins that were fetched. */
  cache: string;
  /** Code that is sent may run here. */
  allowPlugins: boolean;
  /** Where installed packages are looked for. */
  packages: readonly string[];
  /** Seconds after which the chunks of a worker that says nothing go to others. */
  lock: number;
  /** Seconds without a chunk, or without the queue, after which the worker ends by itself. */
  idle?: number;
  reconnect: number;
  metricsPort?: number;
  /** Has what opens the store of a run. */
  env: Readonly<Record<string, string | undefined>>;
  /** Ends the worker; what it has not finished goes to others. */
  signal: AbortSignal;
  say: (sentence: string) => void;
}

/** Seconds until what is still being done at the end is left to the locks. */
const lastPatience = 10;
/** Seconds that a result is kept for the planner. */
const keepResult = 86_400;

/**
 * Takes chunks from a queue until it is told to end.
 * @returns How many it has done
 * @throws GauntletError `queue-unreachable`, `queue-version` if only runs of another version are there, `queue-lost`
 */
export async function serve(address: QueueAddress, options: WorkOptions): Promise<number> {
  const redis = await connect(address);
  const service = new Service(address, redis, options);
  try {
    return await service.run();
  } finally {
    redis.disconnect();
    await options.host.close();
  }
}

class Service {
  readonly #address: QueueAddress;
  readonly #redis: Redis;
  readonly #options: WorkOptions;
  readonly #identity: Identity;
  readonly #seal: Seal;
  readonly #content: Content;
  readonly #id = randomUUID();
  readonly #counters: Counters;
  /** Chunks that are being done, with what ends them, by run. */
  readonly #active = new Map<AbortController, string>();
  readonly #missed = new Map<string, number>();
  readonly #said = new Set<string>();
  #lastChunk = Date.now();
  #lastContact = Date.now();

  constructor(address: QueueAddress, redis: Redis, options: WorkOptions) {
    this.#address = address;
    this.#redis = redis;
    this.#options = options;
    this.#identity = identityOf(address.key);
    this.#seal = new Seal(address.key);
    this.#content = new Content(redis, options);
    this.#content.onReplaced = async () => options.host.renew?.();
    const chunks = { done: 0, failed: 0, returned: 0, refused: 0 };
    this.#counters = { slots: options.slots, busy: 0, connected: true, chunks, samples: 0, seconds: 0 };
  }

  async run(): Promise<number> {
    const { slots, lock, metricsPort, say, signal } = this.#options;
    await this.#refuseOthers();
    const server = metricsPort === undefined ? undefined : await serveMetrics(metricsPort, this.#counters);
    const connection = this.#redis.duplicate();
    connection.on('error', () => {});
    const worker = new Worker<{ sealed: string }>(
      this.#identity.queue,
      (job, token) => this.#do(job, token!),
      {
        connection,
        prefix,
        concurrency: slots,
        lockDuration: lock * 1000,
        stalledInterval: (lock * 1000) / 2,
        maxStalledCount: 1,
      },
    );
    // Lost connections come back, and a chunk whose lock was lost is done by somebody else.
    worker.on('error', () => {});
    say(
      `Waiting for chunks on ${withoutSecrets(this.#address.url)} as ${processName()}, ${slots} at a time.`,
    );
    try {
      while (!signal.aborted && !this.#isIdle()) {
        await this.#beat();
        await pause(beat * 1000, signal);
      }
    } finally {
      server?.close();
      for (const controller of this.#active.keys()) controller.abort();
      const tooLate = new AbortController();
      await Promise.race([worker.close(), pause(lastPatience * 1000, tooLate.signal)]);
      tooLate.abort();
      connection.disconnect();
      if (this.#redis.status === 'ready') await leave(this.#redis, 'worker', this.#id).catch(() => {});
    }
    return this.#counters.chunks.done;
  }

  #isIdle(): boolean {
    const { idle } = this.#options;
    return idle !== undefined && this.#active.size === 0 && Date.now() - this.#lastChunk > idle * 1000;
  }

  /** Says that this worker is there, and ends chunks of runs that are there no more. */
  async #beat(): Promise<void> {
    const connected = this.#redis.status === 'ready';
    this.#counters.connected = connected;
    if (!connected) return this.#checkContact();
    this.#lastContact = Date.now();
    const { slots } = this.#options;
    const { chunks, busy } = this.#counters;
    const about = { ...this.#identity, id: this.#id, process: processName(), slots, busy, done: chunks.done };
    try {
      await announce(this.#redis, 'worker', about);
      for (const run of new Set(this.#active.values())) {
        const missed = (await isRunning(this.#redis, run)) ? 0 : (this.#missed.get(run) ?? 0) + 1;
        this.#missed.set(run, missed);
        // A planner says every two seconds that it is there; after a restart of Redis once more, too.
        if (missed > 3) for (const [controller, its] of this.#active) if (its === run) controller.abort();
      }
      for (const run of await list(this.#redis, 'run'))
        if (run.version !== this.#identity.version)
          this.#say(this.#other(run.spec, run.process, run.version));
    } catch (error) {
      this.#say(`The queue: ${reasonOf(error)}`);
    }
  }

  #checkContact(): void {
    const { reconnect } = this.#options;
    if (Date.now() - this.#lastContact < reconnect * 1000) return;
    throw new GauntletError(
      'queue-lost',
      `The queue at ${withoutSecrets(this.#address.url)} could not be reached for ${reconnect} s (--reconnect).`,
    );
  }

  /** A worker that could do nothing for anybody says so at once. */
  async #refuseOthers(): Promise<void> {
    const runs = await list(this.#redis, 'run');
    const others = runs.filter(({ version }) => version !== this.#identity.version);
    if (others.length === 0 || others.length < runs.length) return;
    const [{ spec, process, version }] = others;
    throw new GauntletError('queue-version', this.#other(spec, process, version));
  }

  #other = (spec: string, planner: string, version: string) =>
    `The run of ${spec} on ${planner} is planned by Gauntlet ${version}, and this worker has ${this.#identity.version}: it takes nothing of it. Install the same version on both.`;

  async #do(job: Job<{ sealed: string }>, token: string): Promise<void> {
    const { chunks } = this.#counters;
    const sealed = Buffer.from(String(job.data?.sealed), 'base64');
    const message = this.#seal.open(aboutTask(job.id!), sealed) as TaskMessage | undefined;
    if (message?.task?.kind !== 'chunk') {
      chunks.refused++;
      this.#say('A task whose signature is wrong was left aside.');
      throw new Error(brokenSeal);
    }
    // Its planner was killed, or has stopped.
    if (!(await isRunning(this.#redis, message.run))) return;
    const controller = new AbortController();
    this.#active.set(controller, message.run);
    this.#counters.busy = this.#active.size;
    const started = performance.now();
    try {
      const signal = AbortSignal.any([controller.signal, this.#options.signal]);
      const { host, engine } = this.#options;
      const answer = await perform(message, { host, content: this.#content, engine }, signal);
      await this.#give(message, answer);
    } catch (error) {
      chunks.returned++;
      if (!this.#options.signal.aborted) throw error;
      await job.moveToWait(token);
      throw new WaitingError();
    } finally {
      this.#active.delete(controller);
      this.#counters.busy = this.#active.size;
      this.#lastChunk = Date.now();
      this.#counters.seconds += (performance.now() - started) / 1000;
    }
  }

  async #give({ run, task }: TaskMessage, message: ResultMessage): Promise<void> {
    const { chunks } = this.#counters;
    const key = keyOf.results(run);
    const sealed = this.#seal.close(aboutResult(run), message);
    await this.#redis.multi().rpush(key, sealed).expire(key, keepResult).exec();
    if ('error' in message.answer) {
      chunks.failed++;
      this.#say(`A chunk failed: ${message.answer.error.message}`);
      return;
    }
    chunks.done++;
    this.#counters.samples += task.indices.length;
  }

  #say(sentence: string): void {
    if (!this.#said.has(sentence)) this.#options.say(sentence);
    this.#said.add(sentence);
  }
}

/** Until the time is over, or the signal is aborted. */
const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  sleep(ms, undefined, { signal }).catch(() => {});
