import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect } from 'vitest';
import { readReport, temporary, timeless, writeSpec } from '../support/cli.js';
import { start } from '../support/processes.js';
import { hasNetwork, itInNamespaces, Network } from '../support/namespaces.js';
import { RedisServer } from '../support/redis.js';

const names = ['one', 'two', 'three'] as const;

describe('a planner and three workers in network namespaces of their own', () => {
  const folder = temporary('namespaces');
  const at = (name: string) => path.join(folder, name);
  const env = { GAUNTLET_QUEUE_KEY: 'a key for a test' };
  // Chunks that take longer than a moment, so that there is a middle to pull the cable in.
  const params = { similarity: 'gaussian', epsilon: 1, iterations: 300 };
  const attacks = [{ use: 'minmax', params, expect: { asr: { max: 0 } } }];
  const spec = writeSpec(folder, attacks, { dataset: { format: 'plugin', use: 'digits', take: 12 } });
  const chunks = 6;
  let network: Network | undefined;
  let redis: RedisServer;
  const workers = new Map<string, ReturnType<typeof start>>();

  beforeAll(async () => {
    if (!hasNetwork) return;
    network = new Network(['planner', ...names]);
    redis = await RedisServer.start({
      within: network.within('switch'),
      address: network.addressOf('switch'),
    });
  });
  afterAll(async () => {
    await redis?.kill();
    network?.close();
  });
  afterEach(() => {
    workers.forEach(({ child }) => child.kill('SIGKILL'));
    workers.clear();
  });

  const startAt = (place: string, args: string[], cwd = folder) =>
    start([...args, '--queue', redis.url], { cwd, env, within: network!.within(place) });
  const startWorkers = () => {
    for (const name of names) {
      const cache = ['--cache', path.join(temporary(`worker-${name}`), 'cache')];
      workers.set(name, startAt(name, ['work', '-j', '0', '--lock', '2', ...cache]));
    }
  };
  const run = (output: string) => {
    const given = ['-j', '0', '--timeout', '120', '--batch-size', '2', '--output', at(output)];
    return startAt('planner', ['run', spec, ...given]);
  };
  const shown = (output: string) => JSON.stringify(timeless(readReport(at(output))));
  const locally = () => start(['run', spec, '-j', '0', '--batch-size', '2', '--output', at('local')]).done;
  /** Chunks that each has done, as they say at their end. */
  const endWorkers = async (): Promise<number[]> => {
    workers.forEach(({ child }) => child.kill('SIGTERM'));
    const ended = await Promise.all([...workers.values()].map(({ done }) => done));
    return ended.map(({ stdout }) => Number(/^(\d+) chunks? done\./m.exec(stdout)?.[1]));
  };
  const redisAnswer = (...question: string[]) => {
    const [command, ...args] = [...network!.within('switch'), 'redis-cli', '-u', redis.url, ...question];
    return spawnSync(command, args, { encoding: 'utf8' }).stdout.trim();
  };

  itInNamespaces('have the report of a local run, byte for byte', async () => {
    const { code } = await locally();
    startWorkers();
    const { code: same } = await run('queue').done;
    expect([code, same]).toEqual([1, 1]);
    expect(shown('queue')).toBe(shown('local'));
    const done = await endWorkers();
    expect([done.length, sum(done)]).toEqual([3, chunks]);
  });

  itInNamespaces('do elsewhere what a worker has whose cable is pulled, and count it once', async () => {
    startWorkers();
    const planner = run('cut');
    const active = () => Number(redisAnswer('--raw', 'EVAL', countActive, '0'));
    while (active() < 3 && planner.child.exitCode === null) await sleep(20);
    network!.cut('one');
    // Longer than its lock: its chunk is somebody else's by then, and its own result comes too late.
    await sleep(6000);
    network!.heal('one');
    expect((await planner.done).code).toBe(1);
    expect(shown('cut')).toBe(shown('local'));
    const lines = readFileSync(at('cut/journal.jsonl'), 'utf8').trim().split('\n').slice(1);
    const kept = lines.flatMap((line) => (JSON.parse(line) as { outcomes: { index: number }[] }).outcomes);
    expect(kept.map(({ index }) => index).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 12 }, (_, i) => i),
    );
    expect(sum(await endWorkers())).toBeGreaterThan(chunks);
  });
});

const sum = (numbers: readonly number[]) => numbers.reduce((total, n) => total + n, 0);

/** Chunks that workers have. */
const countActive = `
  local all = 0
  for _, key in ipairs(redis.call('KEYS', 'gauntlet:chunks-*:active')) do all = all + redis.call('LLEN', key) end
  return all`;
