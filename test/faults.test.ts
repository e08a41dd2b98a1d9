import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { CellReport } from '@gauntlet/api';
import { gauntlet, plugins, readReport, type Result, temporary, writeSpec } from './support/cli.js';
import { start } from './support/processes.js';

const fillDisk = createRequire(import.meta.url)('./fixtures/full-disk.cjs') as (
  bytes: number,
  below: string,
) => () => void;

const good = { use: 'noise', name: 'good', params: { epsilon: 0.05 }, expect: { asr: { max: 0.5 } } };
/** Of an attack that misbehaves; a good one beside it must not suffer. */
const misbehaving = (use: string, { params = {}, expected = { asr: { max: 0.99 } } as object } = {}) => ({
  use: `${plugins}#${use}`,
  name: use,
  params,
  expect: expected,
});

function found(result: Result, output: string) {
  const report = readReport(output);
  const last = report.cells.at(-1)!;
  expect(last.verdict).toBe('pass');
  expect(last.outcomes.every(({ status }) => status === 'held')).toBe(true);
  return { result, report, junit: readFileSync(path.join(output, 'junit.xml'), 'utf8') };
}

/** Runs one of them in this process. */
async function runFault(
  use: string,
  { args = [] as string[], expected }: { args?: string[]; expected?: object } = {},
) {
  const folder = temporary(use);
  const output = path.join(folder, 'out');
  const spec = writeSpec(folder, [misbehaving(use, { expected }), good]);
  const all = found(await gauntlet('run', spec, '-j', '0', '--output', output, ...args), output);
  return { ...all, bad: all.report.cells[0] };
}

/** Runs some of them, which end or hang their workers, in processes. */
async function runInWorkers(
  attacks: object[],
  args: string[],
  { take, env = {} }: { take: number; env?: Record<string, string> },
) {
  const folder = temporary('workers');
  const output = path.join(folder, 'out');
  const dataset = { format: 'plugin', use: 'digits', take };
  const spec = writeSpec(folder, [...attacks, good], { dataset });
  return found(await start(['run', spec, '--output', output, ...args], { env }).done, output);
}

function expectInconclusive(bad: CellReport, code: number | null, junit: string): void {
  expect(bad.verdict).toBe('inconclusive');
  expect(code).toBe(3);
  expect(junit).toMatch(new RegExp(`<testcase [^>]*name="${bad.attack}: asr ≤ 0.99"[^>]*>\\s*<error `));
}

/** What an attack that changes nothing leaves as it is. */
const ran = { cleanAccuracy: { min: 0.5 } };

const died = 'the worker process died (a crash, a kill, or no memory left)';

describe('an attack that misbehaves makes its own cell inconclusive, and nothing else', () => {
  it('throws', async () => {
    const { result, bad, junit } = await runFault('throws');
    expectInconclusive(bad, result.code, junit);
    expect(bad.outcomes[0]).toMatchObject({
      status: 'unassessed',
      reason: 'the attack throws failed: no idea what to do (plugins.mjs:27)',
    });
  });

  for (const [use, kind, amount] of [
    ['leaves-ball', 'outside-epsilon', 0.05],
    ['leaves-box', 'outside-box', 0.1],
  ] as const) {
    it(`${use}: a defect with the sample and the amount`, async () => {
      const { result, bad, junit } = await runFault(use);
      expectInconclusive(bad, result.code, junit);
      expect(bad.findings[0].code).toBe('attack-defect');
      expect(bad.outcomes[0].defect!.kind).toBe(kind);
      expect(bad.outcomes[0].defect!.amount).toBeCloseTo(amount, 3);
      expect(result.stdout).toContain(`is ${kind} by ${amount}`);
    });
  }

  it('returns NaN', async () => {
    const { result, bad, junit } = await runFault('returns-nan');
    expectInconclusive(bad, result.code, junit);
    expect(bad.outcomes[0].defect).toEqual({ kind: 'not-finite', amount: 784 });
  });

  it('asks about NaN, and returns what is a number: inconclusive, whichever reports are made', async () => {
    const [all, few] = [
      await runFault('loses-its-way'),
      await runFault('loses-its-way', { args: ['--reporter', 'json,junit'] }),
    ];
    for (const { result, bad, junit } of [all, few]) {
      expectInconclusive(bad, result.code, junit);
      expect(bad.findings[0].code).toBe('attack-defect');
      expect(bad.outcomes[0]).toMatchObject({
        status: 'unassessed',
        reason: 'the attack asked the victim about values that are not finite',
        defect: { kind: 'not-finite', amount: 1 },
      });
    }
    const withoutTimes = ({ bad }: typeof all) =>
      bad.outcomes.map(({ seconds: _seconds, ...outcome }) => outcome);
    expect(withoutTimes(few)).toEqual(withoutTimes(all));
  });

  it('returns a tensor of another shape', async () => {
    const { result, bad, junit } = await runFault('wrong-shape', { args: ['--batch-size', '4'] });
    expectInconclusive(bad, result.code, junit);
    expect(bad.outcomes[0].reason).toMatch(/shape \[1, 28, 28, 1\] for inputs of \[4, 28, 28, 1\]/);
  });

  it('fails by its author’s own mistake: says which, and where', async () => {
    const reasons = {
      'returns-tensor': 'it returned no `perturbed`. Return { perturbed: tensor }.',
      'returns-nothing': 'it returned no `perturbed`. Return { perturbed: tensor }.',
      disposes: /^it disposed x, a tensor of the host\./,
      misspells: /^exactSing is not defined \(plugins\.mjs:\d+\)$/,
      'takes-mean': /^the objective gave a tensor of shape \[\] for a batch of 8\. .* \[8\]: /,
    };
    for (const [use, reason] of Object.entries(reasons)) {
      const { bad, result } = await runFault(use);
      expect(result.code, use).toBe(3);
      const [start, told] = bad.outcomes[0].reason!.split(' failed: ');
      expect(start).toBe(`the attack ${use}`);
      if (typeof reason === 'string') expect(told).toBe(reason);
      else expect(told).toMatch(reason);
      expect(bad.findings[0].message).not.toMatch(/\.\.$/);
    }
  });

  it('asks for more memory than there is: fewer samples at a time, remembered for the rest of the cell', async () => {
    const { bad, report, result } = await runFault('fits-two', {
      args: ['--batch-size', '4'],
      expected: ran,
    });
    expect(result.code).toBe(0);
    expect(bad.outcomes.map(({ status }) => status)).toEqual(Array<string>(8).fill('held'));
    // The first four failed together; the other four were never tried together.
    expect(report.execution.retries).toEqual([
      { cell: bad.id, samples: 4, reason: expect.stringContaining('out of memory') },
    ]);
  });
});

describe('attacks that end or hang their workers, in one run', () => {
  const marker = path.join(temporary('marker'), 'died');
  let run: Awaited<ReturnType<typeof runInWorkers>>;
  beforeAll(async () => {
    const attacks = [
      misbehaving('hangs'),
      misbehaving('dies'),
      misbehaving('dies-once', { params: { marker }, expected: ran }),
    ];
    run = await runInWorkers(attacks, ['-j', '1', '--timeout', '15', '--batch-size', '2'], { take: 2 });
  });
  const cell = (use: string) => run.report.cells.find(({ attack }) => attack === use)!;
  const retries = (use: string) => run.report.execution.retries.filter((one) => one.cell === cell(use).id);

  it('hangs: ended by the time-out, twice', () => {
    const bad = cell('hangs');
    expectInconclusive(bad, run.result.code, run.junit);
    const reason = 'the worker did not finish within 15 s (--timeout)';
    expect(bad.outcomes[0].reason).toBe(reason);
    expect(retries('hangs')).toContainEqual({ cell: bad.id, samples: 2, reason });
  });

  it('kills its worker, always', () => {
    const bad = cell('dies');
    expectInconclusive(bad, run.result.code, run.junit);
    expect(bad.outcomes.every(({ reason }) => reason === died)).toBe(true);
  });

  it('kills its worker once: the chunk is done again in halves, and the cell passes', () => {
    expect(existsSync(marker)).toBe(true);
    expect(cell('dies-once').verdict).toBe('pass');
    expect(retries('dies-once').map(({ reason }) => reason)).toEqual([died]);
  });
});

it('an attack that runs its worker out of memory makes its own cell inconclusive', async () => {
  const { result, report, junit } = await runInWorkers([misbehaving('runs-out-of-memory')], ['-j', '1'], {
    take: 1,
    env: { NODE_OPTIONS: '--max-old-space-size=300' },
  });
  const [bad] = report.cells;
  expectInconclusive(bad, result.code, junit);
  expect(bad.outcomes[0].reason).toBe(died);
});

it('a target class that the victim does not have is no evidence of robustness', async () => {
  const spec = writeSpec(temporary('target'), [
    { use: 'pgd', params: { epsilon: 0.1, target: 12 }, expect: { asr: { max: 0.5 } } },
  ]);
  const { code, stdout } = await gauntlet('run', spec, '-j', '0');
  expect(code).toBe(3);
  expect(stdout).toContain("The target class 12 is not one of the victim's 10 (0 to 9)");
});

describe('the run folder', () => {
  const spec = () => writeSpec(temporary('folder'), [{ use: 'noise', params: { epsilon: 0.05 } }]);

  it('cannot be made: code 2 before anything runs', async () => {
    const file = path.join(temporary('file'), 'taken');
    writeFileSync(file, '');
    const { code, stderr } = await gauntlet('run', spec(), '--output', path.join(file, 'out'));
    expect(code).toBe(2);
    expect(stderr).toMatch(/The run folder cannot be written: .*Choose another with --output/);
  });

  const onFullDisk = async (bytes: number) => {
    const output = path.join(temporary('full'), 'out');
    const release = fillDisk(bytes, output);
    try {
      const result = await gauntlet('run', spec(), '--output', output, '-j', '0', '--reporter', 'json');
      return { ...result, files: readdirSync(output, { recursive: true, encoding: 'utf8' }) };
    } finally {
      release();
    }
  };

  it('is on a full disk: code 3, and the way to go on', async () => {
    const { code, stderr } = await onFullDisk(100);
    expect(code).toBe(3);
    expect(stderr).toMatch(/journal\.jsonl cannot be written \(ENOSPC.*run again with --resume/);
  });

  it('is full when the report is written: code 3, and no part of a report', async () => {
    const { code, stderr, files } = await onFullDisk(8000);
    expect(code).toBe(3);
    expect(stderr).toMatch(/A report cannot be written \(\w+\): ENOSPC/);
    expect(files).toContain('journal.jsonl');
    expect(files.filter((file) => /\.part$|report\./.test(file))).toEqual([]);
  });
});
