import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { plugins, readReport, temporary, writeSpec } from './support/cli.js';
import { childrenOf, start } from './support/processes.js';
import { itOnLinux } from './support/needs.js';

const noise = { use: 'noise', params: { epsilon: 0.05 }, expect: { asr: { max: 0.5 } } };

async function until(holds: () => boolean, seconds = 60): Promise<void> {
  const end = Date.now() + 1000 * seconds;
  while (!holds() && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 50));
  expect(holds()).toBe(true);
}

/** Is there, and not merely waiting for its parent to ask how it ended. */
const runs = (pid: number) =>
  existsSync(`/proc/${pid}/stat`) && !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));

it('workers that all die before they are ready end the run with a sentence', async () => {
  const folder = temporary('unready');
  const dies = path.join(folder, 'dies.cjs');
  writeFileSync(dies, "if (process.env.GAUNTLET_WORKER) process.kill(process.pid, 'SIGKILL');");
  const args = ['run', writeSpec(folder, [noise]), '-j', '2', '--output', path.join(folder, 'out')];
  const { code, stderr } = await start(args, { env: { NODE_OPTIONS: `--require ${dies}` } }).done;
  expect(code).toBe(3);
  expect(stderr).toBe(
    'the worker process died before it was ready (a crash, a kill, or no memory left) [worker-died]\n',
  );
});

describe('a plugin that ends the process makes no build pass', () => {
  for (const [when, code] of [
    ['while it is loaded', 'process.exit(0);'],
    ['later', 'setTimeout(() => process.exit(0), 20);'],
    ['with an error that nobody catches', "setTimeout(() => { throw new Error('stray'); }, 20);"],
  ]) {
    it(when, async () => {
      const folder = temporary('exits');
      const exits = path.join(folder, 'exits.mjs');
      writeFileSync(exits, `${code}\nexport { default } from '${plugins}';`);
      const spec = writeSpec(folder, [{ use: `${exits}#throws` }]);
      const result = await start(['run', spec, '-j', '0', '--output', path.join(folder, 'out')]).done;
      expect(result.code).toBe(3);
      expect(result.stderr).toMatch(/Gauntlet was ended before it had a verdict/);
    });
  }

  it('nor after the verdict', async () => {
    const folder = temporary('exits');
    const exits = path.join(folder, 'exits.mjs');
    writeFileSync(
      exits,
      `process.on('beforeExit', () => process.exit(0));\nexport { default } from '${plugins}';`,
    );
    const spec = writeSpec(folder, [{ use: `${exits}#throws` }]);
    const result = await start(['run', spec, '-j', '0', '--output', path.join(folder, 'out')]).done;
    expect(result.code).toBe(3);
    expect(readReport(path.join(folder, 'out')).verdict).toBe('inconclusive');
  });
});

describe('a worker in an endless loop', () => {
  const hangs = async () => {
    const folder = temporary('loop');
    const args = ['run', writeSpec(folder, [{ use: `${plugins}#hangs` }]), '-j', '1'];
    const { child, done } = start([...args, '--output', path.join(folder, 'out')]);
    await until(() => existsSync(path.join(folder, 'out/journal.jsonl')));
    const [worker] = childrenOf(child.pid!);
    // In the middle of its loop.
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(runs(worker)).toBe(true);
    return { child, worker, done };
  };

  itOnLinux('does not outlive a host that is killed', async () => {
    const { child, worker, done } = await hangs();
    child.kill('SIGKILL');
    await done;
    await until(() => !runs(worker), 10);
  });

  itOnLinux('ends with a host whose terminal is closed, which says so', async () => {
    const { child, worker, done } = await hangs();
    child.kill('SIGHUP');
    expect((await done).code).toBe(130);
    await until(() => !runs(worker), 10);
  });
});
