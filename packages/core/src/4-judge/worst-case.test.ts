import { describe, expect, it } from 'vitest';
import type { CellReport, Outcome, VictimReport } from '@gauntlet/api';
import { cellOf } from './evidence.test-support.js';
import { judgeWorstCase } from './worst-case.js';

const threat = { norm: 'linf', epsilon: 0.1 } as const;
const victim = {
  name: 'v',
  kind: 'classifier',
  bounds: [0, 1],
  classes: 10,
  gradients: 'exact',
  inputShape: [8, 8, 1],
} as unknown as VictimReport;

/** Ten samples of which an attack breaks some. */
const attack = (
  name: string,
  breaks: readonly number[],
  rest: Partial<CellReport> & { each?: Partial<Outcome> } = {},
): CellReport => {
  const { each, ...more } = rest;
  const outcomes = Array.from({ length: 10 }, (_, index): Outcome => {
    const broken = breaks.includes(index);
    const label = index % 5;
    return {
      index,
      status: broken ? 'broken' : 'held',
      label,
      cleanPrediction: label,
      prediction: broken ? label + 1 : label,
      gradients: 40,
      forwards: 1,
      ...(!broken && each),
    };
  });
  return { ...cellOf(outcomes, { id: `v/${name}`, attack: name, use: name, ...more }) } as CellReport;
};

const judged = (
  cells: CellReport[],
  limits = { robustAccuracy: { min: 0.6 } } as Record<string, { min?: number; max?: number }>,
  { maxUnassessed = 0, ids = cells.map(({ id }) => id) } = {},
) =>
  judgeWorstCase(
    {
      victim: 'v',
      threat,
      cells: ids,
      expectations: Object.entries(limits).map(([metric, limit]) => ({ metric, ...limit })),
    },
    cells,
    [victim],
    { maxUnassessed, strict: true },
  );

describe('the worst case', () => {
  it('counts a sample as broken if any attack breaks it', () => {
    const cells = [attack('a', [0, 1, 2]), attack('b', [2, 3])];
    const { verdict, expectations } = judged(cells);
    expect(verdict).toBe('pass');
    expect(expectations[0].measured).toMatchObject({ value: 0.6, n: 10 });
    expect(judged(cells, { robustAccuracy: { min: 0.61 } }).verdict).toBe('fail');
    expect(judged(cells, { asr: { max: 0.39 } }).expectations[0].message).toContain('asr is 0.4');
  });

  it('is inconclusive without one of its cells, whatever the others found', () => {
    for (const breaks of [[], [0, 1, 2, 3, 4, 5, 6]]) {
      const { verdict, findings } = judged([attack('a', breaks)], undefined, { ids: ['v/a', 'v/b'] });
      expect(verdict).toBe('inconclusive');
      expect(findings[0].samples).toEqual([]);
      expect(findings[0].message).toMatch(/^This run lacks v\/b, .* or merge all shards\.$/);
    }
  });

  it('is inconclusive without any of its cells', () => {
    expect(judged([], undefined, { ids: ['v/a'] })).toMatchObject({
      verdict: 'inconclusive',
      cells: ['v/a'],
    });
  });

  it('counts against an attack what was attacked and held, not what was skipped or broken', () => {
    const idle = { l0: 0, forwards: 1 };
    const cell = attack('a', [0, 1], { each: idle });
    const outcomes = cell.outcomes.map((one, i) =>
      i < 6 && i > 1 ? { ...one, status: 'skipped' as const } : one,
    );
    // Of six that were attacked, four came back as they were.
    const { findings } = judged([{ ...cell, outcomes }], { asr: { max: 0.9 } });
    expect(findings.map(({ code }) => code)).toContain('unchanged-input');
    const flat = attack('a', [0, 1, 2]).outcomes.map((one, i) => ({ ...one, ...(i < 3 && { flat: true }) }));
    expect(judged([{ ...attack('a', []), outcomes: flat }]).verdict).toBe('pass');
  });

  it('does not lose a pass to a hint', () => {
    const short = attack('a', [], { each: { linf: 0.03, l0: 9 } });
    expect(judged([short])).toMatchObject({ verdict: 'pass', findings: [] });
  });

  it('only warns of weak evidence where its limit is failed anyway', () => {
    const all = Array.from({ length: 10 }, (_, i) => i);
    const { verdict, findings } = judged([attack('a', all.slice(2), { each: { flat: true } })]);
    expect([verdict, findings]).toEqual(['fail', []]);
  });

  it('does not take a sample that one attack has no outcome of for one that holds', () => {
    const lost = (breaks: number[]) =>
      attack('b', breaks, { each: { status: 'unassessed', prediction: undefined, reason: 'a crash' } });
    const { verdict, findings } = judged([attack('a', [0]), lost([])]);
    expect([verdict, findings[0].code]).toEqual(['inconclusive', 'unassessed']);
    expect(findings[0].samples).not.toContain(0);
    // What breaks, breaks.
    const all = Array.from({ length: 10 }, (_, i) => i);
    expect(judged([attack('a', all), lost([])]).verdict).toBe('fail');
  });

  it('rests on one attack with sound evidence, and on none that has something against it', () => {
    const weak = attack('weak', [], { each: { zeroGradients: 40, flat: true } });
    const alone = judged([weak]);
    expect(alone.verdict).toBe('inconclusive');
    expect(alone.findings.map(({ message }) => message).join()).toContain('weak: ');
    expect(judged([weak, attack('sound', [])]).verdict).toBe('pass');
    // What draws at random is no evidence for what a search found nothing against.
    const noise = attack('noise', [], { usesGradients: false, each: { gradients: 0 } });
    expect(judged([weak, noise]).verdict).toBe('inconclusive');
  });

  it('without its victim, which another shard looked at, is inconclusive, whatever its cells found', () => {
    const cells = [attack('a', [])];
    const expectations = [{ metric: 'robustAccuracy', min: 0.5 }];
    const entry = { victim: 'v', threat, cells: ['v/a'], expectations };
    const { verdict } = judgeWorstCase(entry, cells, [], { maxUnassessed: 0, strict: true });
    expect(verdict).toBe('inconclusive');
    const other = {
      ...victim,
      name: 'w',
      examination: { samples: 8, range: [0, 1], hardLabels: 8 },
    } as VictimReport;
    expect(judgeWorstCase(entry, cells, [other, victim], { maxUnassessed: 0, strict: true }).verdict).toBe(
      'pass',
    );
    expect(judgeWorstCase(entry, cells, [victim], { maxUnassessed: 0, strict: true }).verdict).toBe('pass');
  });

  it('does not rest on single steps where another attack takes many, nor on noise where one takes a step', () => {
    const weak = (rest: Partial<Outcome>) => ({ each: { zeroGradients: 40, flat: true, ...rest } });
    const step = attack('step', [], { each: { gradients: 1 } });
    const blindStep = attack('blind', [], weak({ gradients: 1 }));
    const noise = attack('noise', [], { usesGradients: false, each: { gradients: 0 } });
    const search = attack('search', [], { usesGradients: false, each: { gradients: 0, forwards: 900 } });
    expect(judged([attack('weak', [], weak({})), step]).verdict).toBe('inconclusive');
    expect(judged([blindStep, noise]).verdict).toBe('inconclusive');
    // A search is as good as many steps.
    expect(judged([attack('weak', [], weak({})), search]).verdict).toBe('pass');
  });

  it('takes of each sample what is worst for the victim: a miss of the target that still misleads counts for accuracy', () => {
    const misled = attack('misled', [], { each: { prediction: 9 } });
    const accuracy = (cells: CellReport[]) => judged(cells).expectations[0].measured.value;
    expect(accuracy([attack('a', []), misled])).toBe(0);
    expect(accuracy([misled, attack('a', [])])).toBe(0);
    expect(
      accuracy([
        attack('a', [0]),
        attack('skips', [], { each: { status: 'skipped', prediction: undefined } }),
      ]),
    ).toBe(0.9);
    const skips = attack('skips', [], { each: { status: 'skipped' } });
    expect(judged([skips, attack('a', [0])], { asr: { max: 0.5 } }).expectations[0].measured.n).toBe(10);
    // Of equal ones the first.
    const broken = (linf: number) => attack(`at-${linf}`, [0], {}).outcomes.map((one) => ({ ...one, linf }));
    const twice = [0.05, 0.1].map((linf) => ({ ...attack(`at-${linf}`, []), outcomes: broken(linf) }));
    expect(judged(twice, { linf: { max: 0.07 } }).expectations[0].measured.value).toBe(0.05);
    // What has no label, as in an autoencoder, is not misled.
    const unlabelled = attack('none', [], { each: { label: undefined, prediction: undefined } });
    expect(judged([unlabelled, unlabelled], { asr: { max: 0.5 } }).verdict).toBe('pass');
  });

  it('says once what is said of several expectations, and does not say what none of them loses by', () => {
    const weak = attack('weak', [], { each: { zeroGradients: 40, flat: true } });
    const { findings, expectations } = judged([weak], { robustAccuracy: { min: 0.6 }, asr: { max: 0.4 } });
    expect(findings.map(({ code }) => code).filter((code) => code === 'zero-gradients')).toHaveLength(1);
    expect(expectations.map(({ verdict }) => verdict)).toEqual(['inconclusive', 'inconclusive']);
    expect(judged([weak, attack('sound', [])]).findings).toEqual([]);
  });

  it('compares each attack with the others of the same victim, and with no other', () => {
    const step = (rest: Partial<CellReport>) =>
      attack('step', [0, 1, 2, 3, 4, 5], { each: { gradients: 1 }, ...rest });
    const only = (cells: CellReport[]) => judged(cells, { robustAccuracy: { min: 0.1 } }, { ids: ['v/a'] });
    const oneStep = step({}).outcomes.map((one) => ({ ...one, gradients: 1 }));
    expect(only([attack('a', []), step({ outcomes: oneStep })]).findings.map(({ code }) => code)).toEqual([
      'weaker-is-stronger',
    ]);
    expect(only([attack('a', []), step({ outcomes: oneStep, victim: 'w' })]).findings).toEqual([]);
  });

  it('says that a limit cannot fail', () => {
    const { verdict, findings } = judged([attack('a', [0])], { asr: { max: 1 } });
    expect([verdict, findings.map(({ code }) => code)]).toEqual(['inconclusive', ['vacuous-expectation']]);
  });
});
