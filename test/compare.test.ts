import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Outcome, Report } from '@gauntlet/api';
import { type Comparison, headToHead, successCurve } from '@gauntlet/core';
import { gauntlet, readReport, repository, type Result, temporary, writeSpec } from './support/cli.js';
import { reportWith } from '@gauntlet/testing';

/** A report of attacks that break the samples given. */
function reportOf(
  n: number,
  broken: Record<string, number[]>,
  kind: 'classifier' | 'autoencoder' = 'classifier',
): Report {
  const base = reportWith('v');
  const cells = Object.entries(broken).map(([attack, list]) => {
    const outcomes = Array.from({ length: n }, (_, index): Outcome => {
      const status = list.includes(index) ? 'broken' : 'held';
      return {
        index,
        status,
        mi: index + attack.length,
        l2: attack.length,
        gradients: 10,
        forwards: 10,
        ...(status === 'broken' && { gradientsToSuccess: 1 + (index % 5), forwardsToSuccess: 3 }),
      };
    });
    const asr = { value: list.length / n, n };
    return {
      ...base.cells[0],
      id: `v/${attack}`,
      attack,
      outcomes,
      metrics: { asr, gradients: { value: 10, n } },
    };
  });
  return { ...base, victims: [{ ...base.victims[0], kind }], cells };
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

describe('head to head', () => {
  it('compares attacks of one goal alone', () => {
    const report = reportOf(4, { a: [0], b: [1], c: [2] });
    report.cells[1].criterion = './mine.mjs';
    const { victims, unpaired } = headToHead(report);
    expect(victims.map(({ contestants }) => contestants.map(({ attack }) => attack).sort())).toEqual([
      ['a', 'c'],
    ]);
    expect(unpaired).toEqual(['v/b']);
  });

  it('says which attack is stronger and which difference is noise', () => {
    // Of 40: a breaks 30; b 24 of them; c two of a’s and one that only it breaks; d nothing.
    const report = reportOf(40, { d: [], c: [0, 1, 39], b: range(0, 24), a: range(0, 30) });
    const [{ contestants, pairs, ensemble }] = headToHead(report).victims;
    expect(contestants.map(({ attack, rank }) => [attack, rank])).toEqual([
      ['a', 1],
      ['b', 1],
      ['c', 3],
      ['d', 3],
    ]);
    const pair = (first: string, second: string) =>
      pairs.find((one) => one.first === first && one.second === second)!;
    // Six that only a breaks, none the other way: p = 2 · 2⁻⁶, and Holm multiplies by the number of tests left.
    const ba = pair('b', 'a');
    expect(ba).toMatchObject({ n: 40, both: 24, neither: 10, onlyFirst: [], onlySecond: range(24, 30) });
    expect(ba.pValue).toBeCloseTo(2 / 64, 12);
    expect(ba.adjusted).toBeCloseTo((2 * 2) / 64, 12);
    expect(ba.stronger).toBeUndefined();
    expect(pair('c', 'b').stronger).toBe('b');
    expect(pair('d', 'c')).toEqual(expect.objectContaining({ onlySecond: [0, 1, 39] }));
    expect(pair('d', 'c').stronger).toBeUndefined();
    expect(contestants.map(({ alone }) => alone)).toEqual([range(24, 30), [], [39], []]);
    expect(ensemble.asr).toMatchObject({ value: 31 / 40, n: 40 });
  });

  it('takes the best attack of each sample for the ensemble, as the attacker sees it', () => {
    const broken = { long: [0, 1], a: [1] };
    const [{ ensemble: classifier }] = headToHead(reportOf(3, broken)).victims;
    // Sample 0: mi 4, l2 4 of "long"; sample 1: mi 5 of "long", l2 1 of "a".
    expect(classifier).toMatchObject({ mi: { value: 4.5, n: 2 }, l2: { value: 2.5, n: 2 } });
    const [{ ensemble: autoencoder }] = headToHead(reportOf(3, broken, 'autoencoder')).victims;
    expect(autoencoder).toMatchObject({ mi: { value: 3, n: 2 }, l2: { value: 4, n: 2 } });
  });

  it('compares only samples that both attacks have an outcome for', () => {
    const report = reportOf(4, { a: [0, 1], b: [1] });
    report.cells[0].outcomes[0] = { index: 0, status: 'unassessed', reason: 'lost' };
    expect(headToHead(report).victims[0].pairs[0]).toMatchObject({ n: 3, onlyFirst: [], both: 1 });
    expect(headToHead({ ...report, cells: report.cells.slice(1) }).victims).toEqual([]);
  });

  it('ranks only attacks of one threat model', () => {
    const report = reportOf(40, { small: [0], large: range(0, 40), l2: range(0, 20), other: range(0, 2) });
    report.cells[1].threat = { norm: 'linf', epsilon: 1 };
    report.cells[2].threat = { norm: 'l2', epsilon: 1 };
    const { victims, unpaired } = headToHead(report);
    expect(victims).toHaveLength(1);
    expect(victims[0].threat).toEqual(report.cells[0].threat);
    expect(victims[0].contestants.map(({ attack }) => attack)).toEqual(['other', 'small']);
    expect(victims[0].ensemble.asr.value).toBe(2 / 40);
    expect(unpaired).toEqual(['v/large', 'v/l2']);
  });

  it('draws success against what was spent', () => {
    const curve = successCurve(reportOf(10, { a: [0, 1, 5] }).cells[0], 'gradients');
    expect(curve.map(({ spent, asr }) => [spent, asr])).toEqual([
      [0, 0],
      [1, 0.2],
      [2, 0.3],
      [10, 0.3],
    ]);
    expect(curve[1].interval[0]).toBeLessThan(0.2);
    expect(successCurve(reportOf(0, { a: [] }).cells[0], 'gradients')).toEqual([]);
  });
});

describe('gauntlet compare', () => {
  const output = path.join(temporary('compare'), 'out');
  let result: Result;
  let comparison: Comparison;
  let report: Report;
  beforeAll(async () => {
    const spec = path.join(repository, 'examples/digits/digits.robust.yaml');
    result = await gauntlet('compare', spec, '--budget', 'gradients=40', '--output', output, '-j', '0');
    comparison = JSON.parse(readFileSync(path.join(output, 'comparison.json'), 'utf8')) as Comparison;
    report = readReport(output);
  });

  it('holds every attack to the budget, and lets it use it', () => {
    expect(result.code).toBe(0);
    const spent = Object.fromEntries(
      report.cells.map(({ attack, outcomes }) => [
        attack,
        Math.max(...outcomes.map(({ gradients = 0 }) => gradients)),
      ]),
    );
    expect(spent).toEqual({ noise: 0, fgsm: 1, pgd: 40, minmax: 40, penalty: 40 });
    expect(report.cells.every(({ budget }) => budget?.gradients === 40)).toBe(true);
  });

  it('ranks noise below PGD, and says so with the paired test', () => {
    const [{ contestants, pairs }] = comparison.victims;
    const rank = (name: string) => contestants.find(({ attack }) => attack === name)!.rank;
    expect(rank('noise')).toBeGreaterThan(rank('pgd'));
    expect(rank('fgsm')).toBeGreaterThan(rank('pgd'));
    expect(pairs.find(({ first, second }) => first === 'noise' && second === 'pgd')).toMatchObject({
      stronger: 'pgd',
      onlyFirst: [],
    });
    expect(result.stdout).toMatch(
      /pgd is stronger than noise \(of 60 samples, \d+ only by pgd, 0 only by noise, p = [\d.e-]+\)/,
    );
    expect(result.stdout).toContain('all together');
  });

  it('writes JSON, Markdown and the page', () => {
    expect(readFileSync(path.join(output, 'comparison.md'), 'utf8')).toMatch(
      /\*\*`digits-cnn`, linf ≤ 1\*\*[^*]*\| 1 \| `minmax` \| 100\.0 %/,
    );
    const page = readFileSync(path.join(output, 'report.html'), 'utf8');
    expect(page).toContain('Head to head');
    expect(page).toContain('Time to success: ASR by gradient evaluations');
  });

  it('takes a finished run, too', async () => {
    const elsewhere = path.join(temporary('compare-run'), 'made', 'when-needed');
    const { code, stdout } = await gauntlet('compare', output, '--output', elsewhere);
    expect([code, stdout]).toEqual([0, expect.stringContaining('pgd is stronger than noise')]);
    expect(JSON.parse(readFileSync(path.join(elsewhere, 'comparison.json'), 'utf8'))).toEqual(comparison);
    expect(existsSync(path.join(elsewhere, 'report.html'))).toBe(true);
  });

  it('stops an attack that asks for more than its budget, by name', async () => {
    const folder = temporary('budget');
    // It knows no budget, and takes two gradients.
    const attacks = [
      { use: path.join(repository, 'examples/plugins/attack/halfway.mjs'), params: { epsilon: 0.1 } },
      { use: 'noise', params: { epsilon: 0.1 } },
    ];
    const spec = writeSpec(folder, attacks);
    const held = await gauntlet('compare', spec, '--budget', 'gradients=2', '-j', '0');
    expect(held.code).toBe(0);
    expect(held.stderr).toMatch(
      /^\S*halfway\.mjs does not say how to spend a budget \(`within`\): it runs as the spec has it, and may spend less than the others\.\n$/,
    );
    const stopped = await gauntlet('compare', spec, '--budget', 'gradients=1', '-j', '0');
    expect(stopped.code).toBe(3);
    const [cell] = readReport(path.join(folder, 'gauntlet-report/test/compare')).cells;
    expect(cell.findings[0].message).toMatch(
      /halfway failed: it asks for more than its budget of 1 gradients a sample/,
    );
  });

  it('says what is wrong with a request', async () => {
    const folder = temporary('compare-wrong');
    const one = writeSpec(folder, [{ use: 'noise', params: { epsilon: 0.1 } }]);
    const message = async (...args: string[]) => {
      const { code, stderr } = await gauntlet('compare', ...args);
      expect(code).toBe(2);
      return stderr;
    };
    expect(await message(one, '-j', '0')).toMatch(/nothing to compare in .*: no victim has two attacks/);
    expect(await message(one, '--budget', 'gradients=0')).toMatch(
      /--budget must be like gradients=40 or forwards=100/,
    );
    expect(await message(output, '--budget', 'gradients=9')).toMatch(
      /what a finished run has spent is spent/,
    );
    expect(await message(path.join(folder, 'no.robust.yaml'))).toMatch(/There is no spec/);
    expect(await message(one, '-g', '(')).toMatch(/^--grep is no regular expression/);
    expect(await message(one, '-j', '1.5')).toMatch(/^--workers must be an integer of at least 0/);
    expect(await message(one, '--significance', '2')).toMatch(
      /--significance must be a number between 0 and 1/,
    );
  });
});
