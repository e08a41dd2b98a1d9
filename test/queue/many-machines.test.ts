import path from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { gauntlet, readReport, start, temporary, timeless, writeSpec } from '../support/cli.js';
import { itWithRedis, RedisServer } from '../support/redis.js';

const attacks = [
  { use: 'noise', params: { epsilon: 0.1 }, expect: { asr: { max: 0.5 } } },
  { use: 'pgd', params: { epsilon: 0.1, steps: 5, restarts: 1 }, expect: { asr: { max: 0 } } },
];

describe('a run on a queue', () => {
  const folder = temporary('many-machines');
  const key = { GAUNTLET_QUEUE_KEY: 'a key for a test' };
  const spec = writeSpec(folder, attacks, { dataset: { format: 'plugin', use: 'digits', take: 24 } });
  let redis: RedisServer;

  beforeAll(async () => {
    redis = await RedisServer.start();
  });
  afterAll(() => redis?.kill());

  const work = (name: string, ...args: string[]) => {
    const cwd = temporary(`worker-${name}`);
    return start(['work', '--queue', redis.url, '-j', '0', '--cache', path.join(cwd, 'cache'), ...args], {
      cwd,
      env: key,
    });
  };

  itWithRedis('has on three workers the report and the pictures of a local one, timings aside', async () => {
    const options = ['-j', '0', '--batch-size', '3', '--output'];
    const local = await start(['run', spec, ...options, path.join(folder, 'local')]).done;
    const workers = ['one', 'two', 'three'].map((name) => work(name));
    const queue = ['--queue', redis.url, '--verify', '0.5', '--timeout', '60'];
    const planner = start(['run', spec, ...options, path.join(folder, 'queue'), ...queue], { env: key });
    const { code, stderr } = await planner.done;
    const { stdout: status } = await gauntlet('queue', 'status', '--queue', redis.url);
    workers.forEach(({ child }) => child.kill('SIGTERM'));
    const ended = await Promise.all(workers.map(({ done }) => done));

    expect([local.code, code]).toEqual([1, 1]);
    expect(stderr).not.toMatch(/refused|forge/);
    expect(timeless(readReport(path.join(folder, 'queue')))).toEqual(
      timeless(readReport(path.join(folder, 'local'))),
    );
    expect(status).toMatch(/^0 chunks waiting, 0 being done\.\n(worker .* 0 of 1 busy.*\n){3}$/);
    const done = ended.map(({ stdout }) => Number(/^(\d+) chunks? done/m.exec(stdout)![1]));
    expect(ended.map((one) => one.code)).toEqual([0, 0, 0]);
    expect(done.reduce((a, b) => a + b)).toBe(16);
  });
});
