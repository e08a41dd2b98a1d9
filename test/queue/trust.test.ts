import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { Redis } from 'ioredis';
import type { ChunkResult, Task, WorkerHost } from '@gauntlet/core';
import { itWithRedis, RedisServer } from '../support/redis.js';
import { queueStatus, readAddress } from '@gauntlet/queue';
import { RedisStore } from '../../packages/queue/src/content/blob-store.js';
import { sha256 } from '../../packages/queue/src/content/manifest.js';
import { fakeHost, fakeSpec, key, model, outcomeOf, plan, work } from './fakes.js';

describe('a queue', () => {
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await RedisServer.start();
  });
  afterAll(() => redis?.kill());

  /** What a run comes to with some workers, which end with it. */
  async function run(
    workers: ReturnType<typeof work>[],
    spec = fakeSpec(4),
    rest: Parameters<typeof plan>[2] = {},
    withKey?: string,
  ) {
    const planned = await plan(redis.url, spec, { timeout: 4, ...rest }, withKey);
    const failure = await planned.done.then(
      () => undefined,
      (error: unknown) => String(error),
    );
    workers.forEach(({ end }) => end());
    await Promise.allSettled(workers.map(({ done }) => done));
    const outcomes = spec.indices.map((index) => planned.item.outcomes.get(index));
    return { failure, outcomes, said: planned.said.join('\n') };
  }
  const allOf = (spec: ReturnType<typeof fakeSpec>) => spec.indices.map((index) => outcomeOf(index, model));

  itWithRedis('ends the run, with a sentence, if no worker does anything within the time-out', async () => {
    const { failure, said } = await run([], fakeSpec(4), { timeout: 3 });
    expect(failure).toMatch(/No worker has done anything for 3 s.*--resume.*\[queue-no-worker\]/);
    expect(said).toMatch(/No worker is on the queue: gauntlet work --queue redis:\/\/127/);
  });

  itWithRedis('gives nothing to workers with another key, and names them', async () => {
    const other = work(redis.url, fakeHost(), {}, 'another key');
    const { failure, said } = await run([other], fakeSpec(4), { timeout: 3 });
    expect(failure).toContain('queue-no-worker');
    expect(said).toMatch(/The worker \S+ is refused: it has another GAUNTLET_QUEUE_KEY than this run/);
  });

  itWithRedis('refuses a worker of another version by name, on both ends', async () => {
    const client = new Redis(redis.port, '127.0.0.1');
    const about = { id: 'x', process: 'old-machine:7', version: '0.0.9', keyId: 'none', queue: 'chunks-x' };
    const entry = JSON.stringify({ ...about, spec: 'old.robust.yaml', slots: 4, busy: 0 });
    for (const kind of ['worker', 'run']) {
      await client.set(`gauntlet:${kind}:x`, entry, 'EX', 60);
      await client.sadd(`gauntlet:${kind}s`, 'x');
    }
    await expect(work(redis.url, fakeHost()).done).rejects.toThrow(
      /run of old\.robust\.yaml on old-machine:7 is planned by Gauntlet 0\.0\.9, and this worker has .*: it takes nothing of it/,
    );
    const { said } = await run([], fakeSpec(2), { timeout: 1 });
    await client.flushall();
    client.disconnect();
    expect(said).toMatch(/The worker old-machine:7 is refused: it has Gauntlet 0\.0\.9, this run /);
  });

  itWithRedis('verifies nothing of a victim with randomness, and says so before any chunk', async () => {
    const spec = { ...fakeSpec(2), repeat: 0.1 };
    const { failure, outcomes } = await run([work(redis.url, fakeHost())], spec, { verify: 1 });
    expect(failure).toMatch(/v says something else each time.*Leave out --verify\. \[queue-verify\]/);
    expect(outcomes).toEqual([undefined, undefined]);
  });

  itWithRedis('brings content to a worker that has not got it, into its cache', async () => {
    const spec = fakeSpec(4);
    const cache = fakeSpec().folder;
    const places: string[] = [];
    const look = async ({ victim }: { victim: { model: string } }) => void places.push(victim.model);
    const planned = await plan(redis.url, spec, { timeout: 20 });
    await new Promise((resolve) => setTimeout(resolve, 500));
    writeFileSync(path.join(spec.folder, 'model.bin'), 'other bytes, not them');
    const worker = work(redis.url, fakeHost(look), { cache });
    await planned.done;
    worker.end();
    await worker.done;
    expect(spec.indices.map((index) => planned.item.outcomes.get(index))).toEqual(allOf(spec));
    expect(new Set(places.map((place) => path.dirname(path.dirname(place))))).toEqual(new Set([cache]));
    expect(readFileSync(places[0], 'utf8')).toBe(model);
  });

  itWithRedis('takes content from the same path where it is the same', async () => {
    const spec = fakeSpec(2);
    const places: string[] = [];
    const look = async ({ victim }: { victim: { model: string } }) => void places.push(victim.model);
    const { outcomes } = await run([work(redis.url, fakeHost(look))], spec, { store: 0 });
    expect(outcomes).toEqual(allOf(spec));
    expect(places).toEqual([path.join(spec.folder, 'model.bin')]);
  });

  itWithRedis('says where content is missing that was too large to be sent', async () => {
    const spec = fakeSpec(2);
    writeFileSync(path.join(spec.folder, 'model.bin'), 'bytes that were never sent');
    const planned = await plan(redis.url, spec, { timeout: 20, store: 10 });
    await new Promise((resolve) => setTimeout(resolve, 500));
    rmSync(path.join(spec.folder, 'model.bin'));
    const worker = work(redis.url, fakeHost());
    await planned.done;
    worker.end();
    await worker.done;
    expect(planned.said.join('\n')).toMatch(/ is beyond --store: workers need it at the same path/);
    expect(planned.item.outcomes.get(0)).toMatchObject({
      status: 'unassessed',
      reason: expect.stringMatching(
        /model\.bin .* is not at this path here, not in the cache and not in Redis/,
      ),
    });
  });

  itWithRedis('runs no code that is not installed, unless the worker allows it', async () => {
    const { outcomes } = await run([work(redis.url, fakeHost(), { allowPlugins: false })], fakeSpec(2));
    expect(outcomes[0]).toMatchObject({
      status: 'unassessed',
      reason: expect.stringMatching(/attack\.mjs is code that is not installed.*--allow-plugins/),
    });
  });

  itWithRedis('ends the run where the images of a worker do not show what it says', async () => {
    const honest = fakeHost();
    const lying: WorkerHost = {
      ...honest,
      run: (async (task: Task, signal: AbortSignal) => {
        const result = (await honest.run(task, signal)) as ChunkResult;
        const outcomes = result.outcomes.map((one) => ({ ...one, status: 'held' as const }));
        return { ...result, outcomes };
      }) as unknown as WorkerHost['run'],
    };
    const { failure } = await run([work(redis.url, lying)], fakeSpec(4), { verify: 1 });
    expect(failure).toMatch(
      /worker \S+ returned outcomes of v\/a that its images do not show \(sample \d: status is "held".*"broken".*\[queue-tampered\]/,
    );
    const { failure: none, outcomes } = await run([work(redis.url, fakeHost())], fakeSpec(4), { verify: 1 });
    expect([none, outcomes]).toEqual([undefined, allOf(fakeSpec(4))]);
  });

  itWithRedis('takes no outcomes of samples that nobody asked for', async () => {
    const other: WorkerHost = {
      ...fakeHost(),
      run: (async () => ({ outcomes: [outcomeOf(7, model)] })) as unknown as WorkerHost['run'],
    };
    const { outcomes } = await run([work(redis.url, other)], fakeSpec(2));
    expect(outcomes.map((one) => one?.reason)).toEqual(
      Array(2).fill(expect.stringMatching(/returned outcomes of other samples than it was asked for/)),
    );
  });

  itWithRedis('marks what was computed by another engine', async () => {
    const other: WorkerHost = {
      ...fakeHost(),
      run: (async (task: Task, signal: AbortSignal) => ({
        ...((await fakeHost().run(task, signal)) as ChunkResult),
        engines: ['another'],
      })) as unknown as WorkerHost['run'],
    };
    const workers = [work(redis.url, other)];
    const planned = await plan(redis.url, fakeSpec(2), { timeout: 20 });
    await planned.done;
    workers[0].end();
    expect([...planned.item.otherEngines]).toEqual(['another']);
  });

  itWithRedis('shows chunks whose planner is gone as such', async () => {
    const client = new Redis(redis.port, '127.0.0.1');
    const { host, done } = await plan(redis.url, fakeSpec(4), { timeout: 5 });
    const ended = done.catch(() => 'ended');
    let found = await queueStatus(readAddress(redis.url, { GAUNTLET_QUEUE_KEY: key }));
    while (found.waiting < 2 || found.orphaned === 0) {
      // Planners say every two seconds that they are there.
      if (found.waiting === 2) await client.del(`gauntlet:run:${host.id}`);
      found = await queueStatus(readAddress(redis.url, { GAUNTLET_QUEUE_KEY: key }));
    }
    expect([found.waiting, found.orphaned, found.runs]).toEqual([2, 2, []]);
    await ended;
    client.disconnect();
  });

  itWithRedis('keeps in Redis what it is told to, and says what has become of it', async () => {
    const client = new Redis(redis.port, '127.0.0.1');
    const store = new RedisStore(client);
    const [file, to] = [path.join(fakeSpec(2).folder, 'model.bin'), path.join(fakeSpec(2).folder, 'fetched')];
    const blob = { sha256: sha256(model), size: model.length };
    const name = `gauntlet:blob:${blob.sha256}`;
    await client.del(name);
    expect(await store.fetch(blob, to)).toBe('missing');
    await store.keep(blob, file, false);
    await client.set(name, 'other bytes');
    await store.keep(blob, file, false);
    expect(await store.fetch(blob, to)).toBe('damaged');
    await store.keep(blob, file, true);
    expect(await store.fetch(blob, to)).toBeUndefined();
    expect(readFileSync(to, 'utf8')).toBe(model);
    client.disconnect();
  });

  itWithRedis('serves several runs at once, those with a smaller number first', async () => {
    const order: string[] = [];
    const slow = fakeHost(async ({ seed }) => {
      order.push(String(seed));
      await new Promise((resolve) => setTimeout(resolve, 50));
    });
    const [late, soon] = [fakeSpec(8), fakeSpec(8)];
    late.spec.seed = 2;
    const runs = [
      await plan(redis.url, late, { priority: 9, timeout: 20 }),
      await plan(redis.url, soon, { priority: 1, timeout: 20 }),
    ];
    await new Promise((resolve) => setTimeout(resolve, 1000));
    const worker = work(redis.url, slow);
    await Promise.all(runs.map(({ done }) => done));
    worker.end();
    await worker.done;
    expect(order.join('')).toBe('11112222');
  });
});
