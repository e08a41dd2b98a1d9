import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect } from 'vitest';
import { readS3 } from '@gauntlet/queue';
import { inProcess, temporary, writeSpec } from '../support/cli.js';
import { itWithRedis, RedisServer } from '../support/redis.js';
import { FakeS3 } from '../support/s3.js';
import { fakeHost, fakeSpec, model, outcomeOf, plan, work } from './fakes.js';

describe('a run whose models, data and code are in S3', () => {
  let redis: RedisServer;
  let s3: FakeS3;
  beforeAll(async () => {
    redis = await RedisServer.start();
  });
  afterAll(() => redis?.kill());
  beforeEach(async () => {
    s3 = await FakeS3.start();
  });
  afterEach(() => s3.close());

  const spec = writeSpec(temporary('s3-runs'), [{ use: 'noise', params: { epsilon: 0.1 } }]);

  /** All that a planner publishes, and then is elsewhere: workers find nothing at the planner's path. */
  async function publish(spec = fakeSpec(8)) {
    s3.objects.clear();
    const planned = await plan(redis.url, spec, { timeout: 20, store: readS3('s3://models/lab', s3.env) });
    while (s3.objects.size < 3) await sleep(20);
    writeFileSync(path.join(spec.folder, 'model.bin'), 'other bytes by now');
    return { spec, ...planned };
  }
  const finish = async (
    { spec, done, item }: Awaited<ReturnType<typeof publish>>,
    ...workers: ReturnType<typeof work>[]
  ) => {
    await done;
    workers.forEach(({ end }) => end());
    await Promise.all(workers.map((worker) => worker.done));
    return spec.indices.map((index) => item.outcomes.get(index));
  };
  const all = fakeSpec(8).indices.map((index) => outcomeOf(index, model));

  itWithRedis('has the outcomes of any other, with no file and no secret in Redis', async () => {
    const planned = await publish();
    const client = new Redis(redis.port, '127.0.0.1');
    const kept = await client.keys('gauntlet:*');
    expect(kept.filter((name) => name.includes(':blob:'))).toEqual([]);
    const texts = await Promise.all(kept.map((name) => client.dumpBuffer(name)));
    const places: string[] = [];
    const host = fakeHost(async ({ victim }) => void places.push(victim.model));
    expect(await finish(planned, work(redis.url, host, { env: s3.env }))).toEqual(all);
    expect(readFileSync(places[0], 'utf8')).toBe(model);
    const journal = readFileSync(path.join(planned.spec.folder, 'journal.jsonl'));
    for (const text of [...texts, journal])
      expect(text.includes(s3.env.AWS_SECRET_ACCESS_KEY) || text.includes('AKIDFORATEST')).toBe(false);
    client.disconnect();
  });

  itWithRedis('puts there again what is gone or damaged, and gets over a server that is busy', async () => {
    const planned = await publish();
    const file = path.join(planned.spec.folder, 'model.bin');
    const name = [...s3.objects].find(([, bytes]) => bytes.toString() === model)![0];
    s3.objects.delete(name);
    s3.faults.push({ method: 'GET', fault: 'busy' }, { method: 'PUT', fault: 'busy' });
    // The planner has it still, which on one machine would be good enough for the worker.
    s3.onRequest = (method) => method === 'GET' && writeFileSync(file, model);
    expect(await finish(planned, work(redis.url, fakeHost(), { env: s3.env }))).toEqual(all);
    expect(s3.objects.get(name)?.toString()).toBe(model);

    const another = await publish();
    s3.objects.set(name, Buffer.from('damaged'));
    s3.onRequest = (method) =>
      method === 'GET' && writeFileSync(path.join(another.spec.folder, 'model.bin'), model);
    expect(await finish(another, work(redis.url, fakeHost(), { env: s3.env }))).toEqual(all);
    expect(s3.objects.get(name)?.toString()).toBe(model);
  });

  itWithRedis('leaves samples unassessed whose worker may not read the store, and says why', async () => {
    const without = await finish(await publish(), work(redis.url, fakeHost()));
    const env = { ...s3.env, AWS_SECRET_ACCESS_KEY: 'guessed' };
    const wrong = await finish(await publish(), work(redis.url, fakeHost(), { env }));
    expect([without[0], wrong[0]]).toMatchObject(
      [/needs AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY/, /fetched in s3:.*403, SignatureDoesNotMatch/].map(
        (reason) => ({ status: 'unassessed', reason: expect.stringMatching(reason) as string }),
      ),
    );
  });

  itWithRedis('ends, to be resumed, when the store takes nothing any more', async () => {
    const store = readS3('s3://models/lab', s3.env);
    s3.onRequest = (method) => method === 'HEAD' && s3.refuse('AccessDenied');
    const { done } = await plan(redis.url, fakeSpec(8), { timeout: 20, store });
    await expect(done).rejects.toThrow(
      /Nothing could be written in s3:\/\/models\/lab: status 403, AccessDenied\. What is finished is kept/,
    );
  });

  itWithRedis('does not begin where the store is not to be written, or is none', async () => {
    const start = async (store: string, env = {}) => {
      const given = ['--queue', redis.url, '--store', store, '-j', '0'];
      const { code, stderr } = await inProcess(['run', spec, ...given], { env });
      return [code, stderr];
    };
    expect(await start('s3://models')).toEqual([2, expect.stringContaining('needs AWS_ACCESS_KEY_ID')]);
    expect(await start('s3://theirs', s3.env)).toEqual([
      2,
      expect.stringMatching(/written in s3:\/\/theirs: status 404, NoSuchBucket\. \[queue-store\]/),
    ]);
    expect(await start('many')).toEqual([2, expect.stringContaining('found "many"')]);
  });
});
