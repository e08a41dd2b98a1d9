import { existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  digitsModel,
  gauntlet,
  plugins,
  readReport,
  repository,
  type Result,
  temporary,
  timeless,
  writeSpec,
} from './support/cli.js';
import { childrenOf, start } from './support/processes.js';
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
const output = (name: string) => path.join(folder, 'runs', name);
const run = (name: string, ...args: string[]) =>
  gauntlet('run', spec, '--output', output(name), '-j', '0', ...args);
/** Keys are left out: those of sources are not those of what is built from them. */
const bytes = (name: string) => bytesOf(output(name));
const bytesOf = (run: string) =>
  JSON.stringify(timeless(readReport(run)), (property, value: unknown) =>
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
    const again = ['run', spec, '--output', output('resumed'), ...quick, '-j', '2', '--batch-size', '10'];
    const { code, stdout } = await start([...again, '--resume']).done;
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

describe('one run of several specs on two workers, the first of which dies while it is loaded', () => {
  const confidence = 0.95;
  const early = writeSpec(
    folder,
    [
      { use: 'noise', params: { epsilon: 0.01 }, expect: { asr: { max: 0.2, confidence } } },
      { use: 'fgsm', params: { epsilon: 0.3 }, expect: { robustAccuracy: { max: 0.9, confidence } } },
    ],
    { dataset: { format: 'plugin', use: 'digits', take: 120 }, gate: 'early' },
    'early.robust.json',
  );
  const logistic = path.join(repository, 'examples/plugins/engine/logistic.robust.yaml');
  // A spec and an attack in TypeScript, and an attack of a package: what loads them without vitest is tested here.
  const params = { epsilon: 0.1 };
  const own = { use: './own.ts', name: 'own', params };
  const untyped = writeSpec(
    folder,
    [{ use: 'fgsm', name: 'packed', params }, own],
    {},
    'untyped.robust.json',
  );
  const typed = path.join(folder, 'typed.robust.ts');
  const inWorkers = (name: string) => path.join(folder, 'workers', name);
  const alone = (name: string) => path.join(folder, 'alone', name);
  let result: Result;

  beforeAll(async () => {
    symlinkSync(path.join(repository, 'node_modules'), path.join(folder, 'node_modules'));
    const { attacks: _, ...rest } = JSON.parse(readFileSync(untyped, 'utf8')) as { attacks: unknown };
    const packed = { use: '@gauntlet/attacks-standard#fgsm', name: 'packed', params };
    writeFileSync(
      typed,
      `import { defineSpec, type SpecInput } from '@gauntlet/core';
const attacks: SpecInput['attacks'] = ${JSON.stringify([packed, own])};
export default defineSpec({ ...${JSON.stringify(rest)}, attacks });`,
    );
    writeFileSync(path.join(folder, 'helper.ts'), 'export const parts: number = 2;');
    const halfway = readFileSync(path.join(repository, 'examples/plugins/attack/halfway.mjs'), 'utf8');
    writeFileSync(
      path.join(folder, 'own.ts'),
      `import { parts } from './helper.js';\nvoid (parts satisfies number);\n${halfway}`,
    );
    const log = path.join(folder, 'deaths');
    const dies = path.join(folder, 'dies.cjs');
    writeFileSync(
      dies,
      `const { existsSync, writeFileSync } = require('node:fs');
if (process.env.GAUNTLET_WORKER && !existsSync(${JSON.stringify(log)})) {
  writeFileSync(${JSON.stringify(log)}, '');
  process.kill(process.pid, 'SIGKILL');
}`,
    );
    const args = ['-j', '2', '--batch-size', '7', '--output', path.join(folder, 'workers')];
    const env = { NODE_OPTIONS: `--require ${dies}` };
    result = await start(['run', spec, early, logistic, typed, ...args], { env }).done;
    expect(existsSync(log)).toBe(true);
    await gauntlet('run', early, logistic, untyped, '-j', '0', '--output', path.join(folder, 'alone'));
  });

  it('ends well', () => {
    expect([result.code, result.stderr]).toEqual([0, '']);
    expect(result.stdout).toMatch(/✓ pass in .* on 2 workers, logistic:cpu/);
  });

  it('has the reference of every attack', () => {
    expect(bytesOf(inWorkers('test'))).toBe(reference);
  });

  it('stops early after the same samples', () => {
    expect(readReport(inWorkers('early')).cells[0].early!.saved).toBeGreaterThan(0);
    expect(bytesOf(inWorkers('early'))).toBe(bytesOf(alone('early')));
  });

  it('takes an engine of a plugin along', () => {
    expect(bytesOf(inWorkers('logistic'))).toBe(bytesOf(alone('logistic')));
  });

  it('takes a spec and an attack in TypeScript, and an attack by its package', () => {
    const [found, expected] = [inWorkers('typed'), alone('untyped')].map((run) => readReport(run).cells);
    expect(found.map(({ id }) => id)).toEqual(['digits/packed', 'digits/own']);
    const outcomes = (cells: typeof found) =>
      cells.map((cell) => cell.outcomes.map(({ seconds: _, ...outcome }) => outcome));
    expect(outcomes(found)).toEqual(outcomes(expected));
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
