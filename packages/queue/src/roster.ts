import type { Redis } from 'ioredis';
import { type Identity, prefix } from './identity.js';

/** A run that a planner is busy with. */
export interface RunEntry {
  id: string;
  /** Name of the spec's file. */
  spec: string;
  process: string;
  version: string;
  keyId: string;
  queue: string;
  priority: number;
  /** Chunks on the queue or at a worker, and those that came back. */
  open: number;
  done: number;
}

export interface WorkerEntry {
  id: string;
  process: string;
  version: string;
  keyId: string;
  queue: string;
  /** Worker processes, and how many of them have a chunk. */
  slots: number;
  busy: number;
  done: number;
}

interface Entries {
  run: RunEntry;
  worker: WorkerEntry;
}

/** Seconds between two signs of life, and after how many without one somebody counts as gone. */
export const beat = 2;
export const gone = 20;

const index = (kind: keyof Entries) => `${prefix}:${kind}s`;
const entry = (kind: keyof Entries, id: string) => `${prefix}:${kind}:${id}`;

/** Says that somebody is there, until `gone` seconds from now. */
export async function announce<K extends keyof Entries>(
  redis: Redis,
  kind: K,
  one: Entries[K],
): Promise<void> {
  await redis
    .multi()
    .set(entry(kind, one.id), JSON.stringify(one), 'EX', gone)
    .sadd(index(kind), one.id)
    .exec();
}

export async function leave(redis: Redis, kind: keyof Entries, id: string): Promise<void> {
  await redis.multi().del(entry(kind, id)).srem(index(kind), id).exec();
}

/** All that are there. */
export async function list<K extends keyof Entries>(redis: Redis, kind: K): Promise<Entries[K][]> {
  const ids = await redis.smembers(index(kind));
  if (ids.length === 0) return [];
  const texts = await redis.mget(ids.map((id) => entry(kind, id)));
  const lost = ids.filter((_, i) => texts[i] === null);
  if (lost.length > 0) await redis.srem(index(kind), lost);
  return texts.filter((text) => text !== null).map((text) => JSON.parse(text) as Entries[K]);
}

export const isRunning = async (redis: Redis, run: string): Promise<boolean> =>
  (await redis.exists(entry('run', run))) === 1;

/** Why a run gives nothing to a worker; nothing if it does. */
export function refusalOf(one: WorkerEntry, { version, queue }: Identity): string | undefined {
  if (one.version !== version)
    return `The worker ${one.process} is refused: it has Gauntlet ${one.version}, this run ${version}.`;
  if (one.queue !== queue)
    return `The worker ${one.process} is refused: it has another GAUNTLET_QUEUE_KEY than this run.`;
  return undefined;
}
