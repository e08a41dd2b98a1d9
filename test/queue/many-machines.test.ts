import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect } from 'vitest';
import {
  gauntlet,
  inProcess,
  readReport,
  repository,
  temporary,
  timeless,
  writeSpec,
} from '../support/cli.js';
import { start } from '../support/processes.js';
import { itWithRedis, RedisServer } from '../support/redis.js';

interface Status {
  active: number;
}

const attacks = [
  { use: 'noise', params: { epsilon: 0.1 }, expect: { asr: { max: 0.5 } } },
  { use: 'pgd', params: { epsilon: 0.1, steps: 5, restarts: 1 }, expect: { asr: { max: 0 } } },
];

describe('a run on a queue', () => {
  const folder = temporary('many-machines');
  const env = { GAUNTLET_QUEUE_KEY: 'a key for a test' };
  const spec = writeSpec(folder, attacks, { dataset: { format: 'plugin', use: 'digits', take: 24 } });
  const at = (name: string) => path.join(folder, name);
  let redis: RedisServer;

  beforeAll(async () => {
    redis = await RedisServer.start();
  });
  afterAll(() => redis?.kill());
  const started: ReturnType<typeof start>[] = [];
  // A test that fails leaves no worker to the next.
  afterEach(() => started.splice(0).forEach(({ child }) => child.kill('SIGKILL')));

  const work = (name: string, ...args: string[]) => {
    const cwd = temporary(`worker-${name}`);
    const place = ['--cache', path.join(cwd, 'cache')];
    const worker = start(['work', '--queue', redis.url, '-j', '0', ...place, ...args], { cwd, env });
    started.push(worker);
    return worker;
  };
  const plan = (output: string, ...args: string[]) => planOf(spec, output, ...args);
  const planOf = (its: string, output: string, ...args: string[]) =>
    start(
      [...['run', its, '-j', '0', '--queue', redis.url, '--timeout', '60', '--output', at(output)], ...args],
      { env },
    );

  itWithRedis(
    'has on three workers the report and pictures of a local one, even if its planner is killed',
    async () => {
      const local = await start(['run', spec, '-j', '0', '--batch-size', '3', '--output', at('local')]).done;
      const workers = ['one', 'two', 'three'].map((name) => work(name));

      const { code, stderr } = await plan('queue', '--batch-size', '3', '--verify', '0.5').done;
      expect([local.code, code]).toEqual([1, 1]);
      expect(stderr).not.toMatch(/refused|forge/);
      expect(timeless(readReport(at('queue')))).toEqual(timeless(readReport(at('local'))));

      const killed = plan('killed', '--batch-size', '1');
      const chunks = () =>
        existsSync(at('killed/journal.jsonl'))
          ? readFileSync(at('killed/journal.jsonl'), 'utf8').split('\n').length - 2
          : 0;
      while (chunks() < 3 && killed.child.exitCode === null) await sleep(5);
      killed.child.kill('SIGKILL');
      await killed.done;
      expect(chunks()).toBeLessThan(48);
      const resumed = await plan('killed', '--batch-size', '1', '--resume').done;
      expect(resumed.code).toBe(1);
      expect(readReport(at('killed')).execution.reused).toBeGreaterThanOrEqual(3);
      expect(timeless(readReport(at('killed')))).toEqual(timeless(readReport(at('local'))));

      const { stdout: status } = await gauntlet('queue', 'status', '--queue', redis.url);
      expect(status).toMatch(
        /(worker .* of 1 busy.*\n){3}Not counted: what waits for \d of these, with another key/,
      );
      workers.forEach(({ child }) => child.kill('SIGTERM'));
      const ended = await Promise.all(workers.map(({ done }) => done));
      expect(ended.map((one) => [one.code, /chunks? done\./.test(one.stdout)])).toEqual(
        Array(3).fill([0, true]),
      );
    },
  );

  itWithRedis('does a chunk elsewhere whose worker is killed in the middle of it', async () => {
    const long = { use: 'minmax', params: { similarity: 'gaussian', epsilon: 1, iterations: 200 } };
    const dataset = { format: 'plugin', use: 'digits', take: 6 };
    const slow = writeSpec(
      folder,
      [{ ...long, expect: { asr: { max: 0 } } }],
      { dataset },
      'slow.robust.json',
    );
    const local = await start(['run', slow, '-j', '0', '--batch-size', '3', '--output', at('alone')]).done;
    const active = async () => {
      const { stdout } = await inProcess(['queue', 'status', '--queue', redis.url, '--json'], { env });
      return (JSON.parse(stdout) as Status).active;
    };
    // The first call loads the command line, which takes longer than a chunk.
    expect(await active()).toBe(0);
    const doomed = work('doomed', '--lock', '2');
    const run = planOf(slow, 'widowed', '--batch-size', '3');
    while ((await active()) === 0 && run.child.exitCode === null) await sleep(20);
    doomed.child.kill('SIGKILL');
    await doomed.done;
    expect(await active()).toBe(1);
    const heir = work('heir', '--lock', '2');
    expect([local.code, (await run.done).code]).toEqual([1, 1]);
    expect(timeless(readReport(at('widowed')))).toEqual(timeless(readReport(at('alone'))));
    heir.child.kill('SIGTERM');
    // Both chunks, also the one that the other had begun.
    expect((await heir.done).stdout).toMatch(/2 chunks done\./);
  });

  itWithRedis('ends with code 3 where a worker lies about what its images show', async () => {
    const script = path.join(repository, 'test/queue/tampering-worker.mjs');
    const liar = spawn(process.execPath, [script, redis.url, at('cache')], {
      env: { ...process.env, ...env },
    });
    const { code, stderr } = await plan('tampered', '--batch-size', '6', '--verify', '1').done;
    liar.kill('SIGKILL');
    expect(code).toBe(3);
    expect(stderr).toMatch(
      /The worker \S+ returned outcomes of digits\/\w+ that its images do not show .*\[queue-tampered\]/,
    );
  });
});
