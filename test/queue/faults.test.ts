import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { expect } from 'vitest';
import { Stream } from '@gauntlet/api';
import { type ChunkTask, WorkerDied } from '@gauntlet/core';
import { itWithRedis, RedisServer, Way } from '../support/redis.js';
import { fakeHost, fakeSpec, model, outcomeOf, plan, work } from './fakes.js';

interface Scene {
  redis: RedisServer;
  /** A way of its own for the planner and for each of the two workers. */
  ways: { planner: Way; first: Way };
  client: Redis;
  first: ReturnType<typeof work>;
  random: Stream;
}

/** Does something to the first worker's next chunk, once. */
type Trouble = (task: ChunkTask, signal: AbortSignal) => Promise<void>;
const hang: Trouble = (_, signal) =>
  new Promise((__, reject) => signal.addEventListener('abort', () => reject(new Error('ended'))));
const die: Trouble = () => Promise.reject(new WorkerDied());

interface Kind {
  persistent?: boolean;
  trouble?: Trouble;
  happens?: (scene: Scene) => Promise<void>;
}

const keysLike = async (client: Redis, pattern: string) => client.keys(`gauntlet:${pattern}`);

const kinds: Record<string, Kind> = {
  'the network of a worker is lost for good': { happens: async ({ ways }) => ways.first.cut() },
  'the network of a worker is lost for a while': {
    happens: async ({ ways }) => {
      ways.first.cut();
      await sleep(4500);
      ways.first.heal();
    },
  },
  'the network of the planner is lost for a while': {
    happens: async ({ ways }) => {
      ways.planner.cut();
      await sleep(2500);
      ways.planner.heal();
    },
  },
  'Redis is killed and has lost nothing': {
    persistent: true,
    happens: async ({ redis }) => {
      await redis.kill();
      await redis.begin();
    },
  },
  'Redis is killed and has lost everything': {
    happens: async ({ redis }) => {
      await redis.kill();
      await redis.begin();
    },
  },
  'everything in Redis is deleted': { happens: async ({ client }) => void (await client.flushall()) },
  'jobs vanish': {
    happens: async ({ client }) => {
      const jobs = (await keysLike(client, 'chunks-*:*')).filter((name) => /:[\w-]{36}-\d+$/.test(name));
      if (jobs.length > 0) await client.del(jobs);
    },
  },
  'tasks are altered': {
    happens: async ({ client }) => {
      const jobs = (await keysLike(client, 'chunks-*:*')).filter((name) => /:[\w-]{36}-\d+$/.test(name));
      for (const job of jobs) await client.hset(job, 'data', JSON.stringify({ sealed: 'AAAA' }));
    },
  },
  'content is damaged': {
    happens: async ({ client }) => {
      for (const name of await keysLike(client, 'blob:*')) await client.set(name, 'other bytes');
    },
  },
  'results are forged': {
    happens: async ({ client }) => {
      for (const run of await client.smembers('gauntlet:runs'))
        for (const forged of ['', 'x', JSON.stringify({ id: `${run}-1`, answer: { result: {} } })])
          await client.rpush(`gauntlet:results:${run}`, forged);
    },
  },
  'a worker is told to end': { happens: async ({ first }) => first.end() },
  'a worker process hangs': { trouble: hang },
  'a worker process dies': { trouble: die },
};

/** Disturbs one run at a moment drawn by lot; what comes out has to be what an undisturbed run gives. */
async function disturb(name: string, round: number): Promise<string[]> {
  const { persistent, trouble, happens } = kinds[name];
  const random = new Stream(1, 'queue-faults', name, round);
  const redis = await RedisServer.start({ persistent });
  const ways = { planner: await Way.to(redis.port), first: await Way.to(redis.port) };
  const client = new Redis(redis.port, '127.0.0.1', { maxRetriesPerRequest: null });
  client.on('error', () => {});
  const pace = async () => void (await sleep(300));
  let troubled = 0;
  const first = work(
    ways.first.url,
    fakeHost((task, signal) => (trouble && troubled++ === 1 ? trouble(task, signal) : pace())),
  );
  const second = work(redis.url, fakeHost(pace));
  try {
    const scene = { redis, ways, client, first, random };
    const spec = fakeSpec();
    // Short, but longer than signs of life take on a machine that has much else to do.
    const { item, done } = await plan(ways.planner.url, spec, { timeout: trouble === hang ? 8 : 30 });
    let over = false;
    done.then(
      () => (over = true),
      () => {},
    );
    await sleep(random.uniform(100, 1100));
    const found = over ? ['it was over before anything happened'] : [];
    await happens?.(scene);
    await done;
    const lines = readFileSync(path.join(spec.folder, 'journal.jsonl'), 'utf8').trim().split('\n').slice(1);
    const kept = lines.flatMap((line) => (JSON.parse(line) as { outcomes: { index: number }[] }).outcomes);
    const wrong = spec.indices.filter(
      (index) => JSON.stringify(item.outcomes.get(index)) !== JSON.stringify(outcomeOf(index, model)),
    );
    if (wrong.length > 0) found.push(`${wrong.join()} are ${JSON.stringify(item.outcomes.get(wrong[0]))}`);
    if (new Set(kept.map(({ index }) => index)).size !== kept.length) found.push('samples count twice');
    return found;
  } finally {
    ways.first.heal();
    first.end();
    second.end();
    await Promise.allSettled([first.done, second.done]);
    client.disconnect();
    await redis.kill();
    ways.first.close();
    ways.planner.close();
  }
}

/** By hand: GAUNTLET_QUEUE_FAULTS=104 for eight rounds of every kind. */
const faults = Number(process.env.GAUNTLET_QUEUE_FAULTS ?? 3 * Object.keys(kinds).length);
const atOnce = 6;

itWithRedis(
  `${faults} faults on the queue lose nothing, count nothing twice and let nothing hang`,
  async () => {
    const names = Object.keys(kinds);
    const waiting = Array.from(
      { length: faults },
      (_, i) => [names[i % names.length], Math.floor(i / names.length)] as const,
    );
    const wrong: string[] = [];
    const doNext = async () => {
      for (let next = waiting.shift(); next; next = waiting.shift()) {
        const [name, round] = next;
        const found = await disturb(name, round).catch((error: unknown) => [String(error)]);
        wrong.push(...found.map((one) => `${name} (${round}): ${one}`));
      }
    };
    await Promise.all(Array.from({ length: atOnce }, doNext));
    expect(wrong).toEqual([]);
  },
  600_000,
);
