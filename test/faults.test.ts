import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { CellReport } from '@gauntlet/api';
import {
  gauntlet,
  inProcess,
  plugins,
  readReport,
  repository,
  start,
  temporary,
  writeSpec,
} from './support/cli.js';

/** Runs one misbehaving attack next to a good one; the good one's results must not suffer. */
async function runFault(
  use: string,
  {
    params = {},
    args = [],
    workers = 0,
    take = 8,
    env = {},
    expected = { asr: { max: 0.99 } },
  }: {
    params?: object;
    args?: string[];
    workers?: number;
    take?: number;
    env?: Record<string, string>;
    expected?: object;
  } = {},
) {
  const folder = temporary(use);
  const attacks = [
    { use: `${plugins}#${use}`, name: 'bad', params, expect: expected },
    { use: 'noise', name: 'good', params: { epsilon: 0.05 }, expect: { asr: { max: 0.5 } } },
  ];
  const spec = writeSpec(folder, attacks, { dataset: { format: 'plugin', use: 'digits', take } });
  const command = ['run', spec, '-j', String(workers), '--output', path.join(folder, 'out'), ...args];
  const result = workers === 0 ? await inProcess(command) : await start(command, { env }).done;
  const report = readReport(path.join(folder, 'out'));
  const [bad, good] = report.cells;
  expect(good.verdict).toBe('pass');
  expect(good.outcomes.every(({ status }) => status === 'held')).toBe(true);
  const junit = readFileSync(path.join(folder, 'out/junit.xml'), 'utf8');
  return { result, report, bad, junit, folder };
}

function expectInconclusive(bad: CellReport, code: number | null, junit: string): void {
  expect(bad.verdict).toBe('inconclusive');
  expect(code).toBe(3);
  expect(junit).toMatch(/<testcase [^>]*name="bad: asr ≤ 0.99"[^>]*>\s*<error /);
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

  it('hangs: ended by the time-out, twice', async () => {
    const { result, bad, junit, report } = await runFault('hangs', {
      args: ['--timeout', '10', '--batch-size', '2'],
      workers: 1,
      take: 2,
    });
    expectInconclusive(bad, result.code, junit);
    expect(bad.outcomes[0].reason).toBe('the worker did not finish within 10 s (--timeout)');
    expect(report.execution.retries).toContainEqual({
      cell: 'digits/bad',
      samples: 2,
      reason: bad.outcomes[0].reason,
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
      'takes-mean': /^the objective gave a tensor of shape \[\] for a batch of 2\. .* \[2\]: /,
    };
    for (const [use, reason] of Object.entries(reasons)) {
      const { bad, result } = await runFault(use, { take: 2 });
      expect(result.code, use).toBe(3);
      const [start, told] = bad.outcomes[0].reason!.split(' failed: ');
      expect(start).toBe(`the attack ${use}`);
      if (typeof reason === 'string') expect(told).toBe(reason);
      else expect(told).toMatch(reason);
      expect(bad.findings[0].message).not.toMatch(/\.\.$/);
    }
  });

  it('kills its worker, always', async () => {
    const { result, bad, junit } = await runFault('dies', { workers: 2, take: 2 });
    expectInconclusive(bad, result.code, junit);
    expect(bad.outcomes.every(({ reason }) => reason === died)).toBe(true);
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

  it('runs its worker out of memory', async () => {
    const { result, bad, junit } = await runFault('runs-out-of-memory', {
      workers: 1,
      take: 1,
      env: { NODE_OPTIONS: '--max-old-space-size=300' },
    });
    expectInconclusive(bad, result.code, junit);
    expect(bad.outcomes[0].reason).toBe(died);
  });

  it('kills its worker once: the chunk is done again in halves, and the cell passes', async () => {
    const marker = path.join(temporary('marker'), 'died');
    const { result, bad, report } = await runFault('dies-once', {
      params: { marker },
      workers: 1,
      take: 2,
      expected: ran,
    });
    expect(existsSync(marker)).toBe(true);
    expect(result.code).toBe(0);
    expect(bad.verdict).toBe('pass');
    expect(report.execution.retries[0].reason).toBe(died);
  });
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
    const disk = path.join(repository, 'test/fixtures/full-disk.cjs');
    const env = { NODE_OPTIONS: `--require ${disk}`, FULL_AFTER: String(bytes), FULL_BELOW: output };
    const result = await start(['run', spec(), '--output', output, '-j', '0', '--reporter', 'json'], {
      env,
    }).done;
    return { ...result, files: readdirSync(output, { recursive: true, encoding: 'utf8' }) };
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
