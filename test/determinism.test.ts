import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  childrenOf,
  digitsModel,
  gauntlet,
  plugins,
  readReport,
  start,
  temporary,
  timeless,
  writeSpec,
} from './support/cli.js';
import { itOnLinux } from './support/needs.js';

const folder = temporary('determinism');
const attacks = [
  { use: 'noise', params: { epsilon: 0.2, draws: 2 } },
  { use: 'pgd', params: { epsilon: 0.1, steps: 5, restarts: 2 } },
  { use: 'pgd', name: 'pgd-l1', params: { epsilon: 8, norm: 'l1', steps: 5, restarts: 1, loss: 'dlr' } },
  { use: 'minmax', name: 'minmax-gaussian', params: { similarity: 'gaussian', iterations: 6 } },
  { use: 'minmax', name: 'minmax-fast', params: { similarity: 'fast', iterations: 2 } },
  {
    use: 'minmax',
    name: 'minmax-projections',
    params: { similarity: 'fast', sampling: 'random-sampling', iterations: 2 },
  },
  { use: 'penalty', params: { similarity: 'positions', searches: 2, iterations: 2, mineSteps: 1 } },
];
const dataset = { format: 'plugin', use: 'digits', take: 13, shuffle: true };
const spec = writeSpec(folder, attacks, { dataset });
const output = (name: string) => path.join(folder, name);
const run = (name: string, ...args: string[]) =>
  gauntlet('run', spec, '--output', output(name), '-j', '0', ...args);
const runWorkers = (name: string, ...args: string[]) =>
  start(['run', spec, '--output', output(name), ...args]).done;
/** Keys are left out: those of sources are not those of what is built from them. */
const bytes = (name: string) =>
  JSON.stringify(timeless(readReport(output(name))), (property, value: unknown) =>
    property === 'key' ? undefined : value,
  );

const cells = (name: string) =>
  (timeless(readReport(output(name))) as { cells: { id: string; key?: string }[] }).cells.map(
    ({ key: _, ...cell }) => cell,
  );

/** What is killed and resumed is done with the attacks that are quick, one of which trains. */
const quick = ['-g', 'noise|pgd|minmax-gaussian'];
const quickCells = (name: string) => cells(name).filter(({ id }) => /noise|pgd|minmax-gaussian/.test(id));

let reference: string;
beforeAll(async () => {
  const { code, stderr } = await run('reference', '--batch-size', '64');
  expect(stderr).toBe('');
  expect(code).toBe(0);
  reference = bytes('reference');
});

/** Waits until a file satisfies a condition. */
async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 600; i++) {
    if (condition()) return;
    await sleep(50);
  }
  throw new Error('waited for 30 s in vain');
}
const finishedChunks = (name: string) => {
  const journal = path.join(output(name), 'journal.jsonl');
  return existsSync(journal) ? readFileSync(journal, 'utf8').split('\n').length - 2 : 0;
};

const died = 'the worker process died (a crash, a kill, or no memory left)';

describe('the result of a run is the same, byte for byte', () => {
  it('with two workers', async () => {
    await runWorkers('two-workers', '-j', '2', '--batch-size', '64');
    expect(bytes('two-workers')).toBe(reference);
  });

  it('in batches of 10', async () => {
    await run('batches', '--batch-size', '10');
    expect(bytes('batches')).toBe(reference);
  });

  it('one sample at a time', async () => {
    await run('singly', '--batch-size', '1', '-g', 'minmax|penalty');
    expect(cells('singly')).toEqual(cells('reference').filter(({ id }) => /minmax|penalty/.test(id)));
  });

  itOnLinux('when a worker is killed in the middle', async () => {
    const { child, done } = start([
      'run',
      spec,
      '--output',
      output('killed'),
      ...quick,
      '-j',
      '2',
      '--batch-size',
      '6',
    ]);
    await until(() => finishedChunks('killed') >= 2);
    const [victim] = childrenOf(child.pid!);
    process.kill(victim, 'SIGKILL');
    expect((await done).code).toBe(0);
    expect(readReport(output('killed')).execution.retries.map(({ reason }) => reason)).toEqual([died]);
    expect(cells('killed')).toEqual(quickCells('reference'));
  });

  itOnLinux('when a worker and then the run itself are killed, and it is resumed', async () => {
    const { child, done } = start([
      'run',
      spec,
      '--output',
      output('resumed'),
      ...quick,
      '-j',
      '2',
      '--batch-size',
      '6',
    ]);
    await until(() => finishedChunks('resumed') >= 1);
    process.kill(childrenOf(child.pid!)[0], 'SIGKILL');
    await until(() => finishedChunks('resumed') >= 4);
    const orphans = childrenOf(child.pid!);
    child.kill('SIGKILL');
    await done;
    await until(() =>
      orphans.every(
        (pid) => !existsSync(`/proc/${pid}`) || readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z'),
      ),
    );
    const kept = finishedChunks('resumed');
    const { code, stdout } = await runWorkers(
      'resumed',
      ...quick,
      '-j',
      '2',
      '--batch-size',
      '10',
      '--resume',
    );
    expect(code).toBe(0);
    expect(stdout).toMatch(/outcomes are taken from the journal/);
    expect(kept).toBeGreaterThanOrEqual(4);
    expect(cells('resumed')).toEqual(quickCells('reference'));
  });

  it('beside a victim on another engine', async () => {
    const victim = (name: string, engine: string) => ({
      name,
      model: digitsModel,
      kind: 'classifier',
      bounds: [0, 1],
      engine,
    });
    const attacks = [{ use: 'minmax', params: { similarity: 'fast', iterations: 4 } }];
    const found = [];
    for (const victims of [
      [victim('one', 'onnx:cpu')],
      [victim('one', 'onnx:cpu'), victim('other', 'tfjs:wasm')],
    ]) {
      const mixed = writeSpec(temporary('mixed'), attacks, { victim: undefined, victims });
      const { code } = await gauntlet('run', mixed, '-j', '0', '--batch-size', '4');
      expect(code).toBe(0);
      const { cells } = timeless(readReport(path.join(path.dirname(mixed), 'gauntlet-report/test'))) as {
        cells: object[];
      };
      found.push(JSON.stringify(cells[0]));
    }
    expect(found[1]).toBe(found[0]);
  });

  it('but not with another seed', async () => {
    await run('seed', '--seed', '4', '-g', 'noise');
    expect(bytes('seed')).not.toBe(reference);
  });
});

describe('--resume', () => {
  it('repeats no finished chunk after Ctrl-C, which ends with code 130 and a report of what is there', async () => {
    const marker = path.join(temporary('marker'), 'calls');
    const slow = writeSpec(temporary('slow'), [{ use: `${plugins}#slow`, params: { marker } }]);
    const out = path.join(path.dirname(slow), 'out');
    const { child, done } = start(['run', slow, '--output', out, '-j', '1', '--batch-size', '2']);
    await until(() => existsSync(marker) && readFileSync(marker, 'utf8').length >= 4);
    child.kill('SIGINT');
    const { code, stdout } = await done;
    expect(code).toBe(130);
    expect(stdout).toMatch(/interrupted/);
    const report = readReport(out);
    expect(report.interrupted).toBe(true);
    expect(report.verdict).toBe('inconclusive');
    const held = report.cells[0].outcomes.filter(({ status }) => status === 'held').length;
    expect(held).toBeGreaterThan(0);
    expect(held).toBeLessThan(8);
    const before = readFileSync(marker, 'utf8').split('\n').length - 1;

    // Built code goes on with what built code has begun: the key of a cell covers the attack's code.
    const again = await start(['run', slow, '--output', out, '-j', '0', '--batch-size', '2', '--resume'])
      .done;
    expect(again.code).toBe(0);
    const calls = readFileSync(marker, 'utf8').split('\n').length - 1 - before;
    expect(calls).toBe((8 - held) / 2);
    expect(readReport(out).cells[0].outcomes.every(({ status }) => status === 'held')).toBe(true);
  });

  it('refuses the journal of a spec that has changed since', async () => {
    const { code, stderr } = await run('reference', '--resume', '--seed', '99');
    expect(code).toBe(2);
    expect(stderr).toMatch(/belongs to another run/);
  });
});
