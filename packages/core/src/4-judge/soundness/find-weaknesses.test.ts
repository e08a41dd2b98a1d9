import { describe, expect, it } from 'vitest';
import type { Outcome } from '@gauntlet/api';
import { cellOf, type Given, judged } from '../evidence.test-support.js';

const held = (index: number, rest: Partial<Outcome> = {}): Outcome => ({ index, status: 'held', ...rest });
const many = (n: number, of: (index: number) => Outcome) => Array.from({ length: n }, (_, i) => of(i));
const found = (outcomes: Outcome[], maxUnassessed = 0) =>
  judged(outcomes, { maxUnassessed }).findings.map(({ code, samples }) => [code, ...samples]);

describe('what makes outcomes no evidence', () => {
  it('nothing, where all is well', () => {
    expect(found([held(0), { index: 1, status: 'broken' }, { index: 2, status: 'skipped' }])).toEqual([]);
  });

  it('no sample at all', () => {
    expect(found([])).toEqual([['no-samples']]);
    expect(judged([]).findings[0].message).toBe('There is no sample.');
  });

  it('a perturbation outside the threat model, with the worst sample and whose rule it broke', () => {
    const outside = (index: number, amount: number): Outcome => ({
      index,
      status: 'unassessed',
      defect: { kind: 'outside-epsilon', amount },
    });
    const outcomes = [held(0), outside(1, 0.1), outside(2, 0.25)];
    const [own, ...others] = judged(outcomes, { threat: { norm: 'linf', epsilon: 0.3 } }).findings;
    // A defect is named once: it is not counted as unassessed as well.
    expect(others).toEqual([]);
    expect(own).toMatchObject({ code: 'attack-defect', samples: [1, 2] });
    expect(own.message).toBe(
      'The attack broke its own threat model on 2 samples: sample 2 is outside-epsilon by 0.25.',
    );
    const [bySpec] = judged(outcomes, {
      threat: { norm: 'linf', epsilon: 0.3, also: { norm: 'l2', epsilon: 1 } },
    }).findings;
    expect(bySpec.message).toContain('left the threat model (linf ≤ 0.3, and l2 ≤ 1 by the spec)');
  });

  it('the worst defect is the one that is shown, the first of equal ones, and the box where it is all that binds', () => {
    const outside = (index: number, amount: number): Outcome => ({
      index,
      status: 'unassessed',
      defect: { kind: 'outside-epsilon', amount },
    });
    const said = (amounts: number[], threat: Given['threat']) =>
      judged(
        amounts.map((amount, index) => outside(index, amount)),
        { threat },
      ).findings[0].message;
    const threat = { norm: 'linf', epsilon: 0.3 } as const;
    expect(said([0.1, 0.25, 0.2], threat)).toContain('sample 1 is outside-epsilon by 0.25');
    expect(said([0.25, 0.25], threat)).toContain('sample 0');
    const box = { norm: 'none', epsilon: 0, also: { norm: 'l2', epsilon: 1 } } as Given['threat'];
    expect(said([0.1], box)).toContain('left the threat model (box only, and l2 ≤ 1 by the spec)');
  });

  it('samples without an outcome, with three of their reasons, and not those after the end of an early gate', () => {
    const lost = (index: number, reason: string): Outcome => ({ index, status: 'unassessed', reason });
    const outcomes = ['a', 'b', 'a', 'c', 'd'].map((reason, i) => lost(i, reason));
    const early = { cell: { early: { samples: 2, saved: 3 } }, maxUnassessed: 0.5 };
    expect(judged([held(5), ...outcomes], { maxUnassessed: 0.5 }).findings[0].message).toBe(
      '5 of 6 samples unassessed (allowed: 50 %): a; b; c.',
    );
    const sentences = ['v1.2 ran out of memory.', 'It took 3.5 s.'].map((reason, i) => lost(i, reason));
    expect(judged(sentences).findings[0].message).toMatch(/%\): v1\.2 ran out of memory; It took 3\.5 s\.$/);
    expect(judged([held(5), ...outcomes], early).findings).toEqual([]);
    expect(judged(outcomes, early).findings[0].message).toContain('2 of 2 samples unassessed');
  });

  it('more unassessed samples than are allowed', () => {
    const one = many(10, (i) => (i === 3 ? { index: i, status: 'unassessed', reason: 'a crash' } : held(i)));
    expect(found(one, 0.1)).toEqual([]);
    expect(found(one, 0.09)).toEqual([['unassessed', 3]]);
  });

  it('gradients of nothing but zeros on more than 5 % of what was attacked', () => {
    const blind = { gradients: 4, zeroGradients: 4 };
    expect(found(many(20, (i) => held(i, i < 1 ? blind : {})))).toEqual([]);
    expect(found(many(20, (i) => held(i, i < 2 ? blind : {})))).toEqual([['zero-gradients', 0, 1]]);
    expect(found(many(20, (i) => held(i, i < 2 ? { flat: true } : {})))).toEqual([['zero-gradients', 0, 1]]);
    // Some that are not zero, or none asked for, are no finding; nor is a sample that was broken all the same.
    expect(found([held(0, { gradients: 4, zeroGradients: 3 }), held(1, { gradients: 0 })])).toEqual([]);
    expect(found([{ index: 0, status: 'broken', ...blind }])).toEqual([]);
  });
});

describe('weak evidence', () => {
  const examined = { samples: 8, range: [0, 1] as [number, number] };
  const all = many(20, (i) => held(i, { label: i % 2, cleanPrediction: i % 2, linf: 0.1, l0: 9 }));
  const expected = [{ metric: 'asr', max: 0.5 }];
  const tiny: Given = { threat: { norm: 'linf', epsilon: 0 } };
  const of = (given: Given, outcomes = all) => {
    const { verdict, findings } = judged(outcomes, { expected, ...given });
    return [verdict, ...findings.map(({ code, severity, accepted }) => [code, severity, accepted])];
  };

  it('takes a pass of what is expected to hold, and nothing else', () => {
    const warned = ['epsilon-tiny', 'warning', undefined];
    expect(of(tiny)).toEqual(['inconclusive', ['epsilon-tiny', 'inconclusive', undefined]]);
    expect(of({ ...tiny, expected: [{ metric: 'cleanAccuracy', min: 0.7 }] })).toEqual(['pass', warned]);
    expect(of({ ...tiny, expected: [] })).toEqual(['measured', warned]);
    const measures = new Map([['asr.mine', () => ({ rate: [9, 10] as const })]]);
    expect(of({ ...tiny, measures, expected: [{ metric: 'asr.mine', min: 0.5 }] })).toEqual(['pass', warned]);
    expect(of({ ...tiny, measures, expected: [{ metric: 'asr.mine', max: 0.95 }] })[0]).toBe('inconclusive');
    expect(of({ ...tiny, expected: [{ metric: 'asr', min: 0.5 }] })[0]).toBe('fail');
    const broken = many(20, (i) => ({ index: i, status: 'broken' }) as Outcome);
    expect(of(tiny, broken)).toEqual(['fail', warned]);
    expect(of({ ...tiny, expected: [{ metric: 'asr', min: 0.5 }] }, broken)).toEqual(['pass', warned]);
  });

  it('warns where the spec accepts it, by name or altogether', () => {
    const accepted = ['pass', ['epsilon-tiny', 'warning', true]];
    expect(of({ ...tiny, strict: false })).toEqual(accepted);
    expect(of({ ...tiny, strict: { except: ['epsilon-tiny'] } })).toEqual(accepted);
    expect(of({ ...tiny, strict: { except: ['one-class'] } })[0]).toBe('inconclusive');
    // What was not measured at all cannot be accepted, and what costs no pass needs not to be.
    const lost: Outcome[] = [{ index: 0, status: 'unassessed', reason: 'a crash' }];
    expect(of({ strict: false }, lost)).toEqual(['inconclusive', ['unassessed', 'inconclusive', undefined]]);
    expect(of({ ...tiny, strict: false, expected: [] })[1]).toEqual(['epsilon-tiny', 'warning', undefined]);
    const forgot = all.map((one, i) => ({ ...one, seenBroken: i === 0 }));
    expect(of({ strict: false }, forgot)).toEqual(['pass', ['forgotten-success', 'warning', undefined]]);
  });

  it('takes the pass of the expectations that it concerns, and of no other; what is void takes all', () => {
    const both = [...expected, { metric: 'cleanAccuracy', min: 0.7 }];
    const verdicts = (given: Given, outcomes = all) =>
      judged(outcomes, { expected: both, ...given }).expectations.map(({ verdict }) => verdict);
    expect(verdicts(tiny)).toEqual(['inconclusive', 'pass']);
    expect(verdicts({ ...tiny, strict: false })).toEqual(['pass', 'pass']);
    const lost = all.map((one, i) => (i === 0 ? { ...one, status: 'unassessed' as const } : one));
    expect(verdicts({}, lost)).toEqual(['inconclusive', 'inconclusive']);
  });

  it('is an expectation that cannot fail, if there is no other', () => {
    const asr = { metric: 'asr', max: 1 };
    const inconclusive = ['inconclusive', ['vacuous-expectation', 'inconclusive', undefined]];
    expect(of({ expected: [asr] })).toEqual(inconclusive);
    expect(of({ expected: [{ metric: 'asr', min: 0 }] })).toEqual(inconclusive);
    const linf = (max: number) => ({ metric: 'linf', max });
    const broken = many(20, (i) => ({ index: i, status: 'broken', linf: 0.1 }) as Outcome);
    expect(of({ expected: [linf(0.2)] }, broken)).toEqual(inconclusive);
    expect(of({ expected: [linf(0.05)] }, broken)[0]).toBe('fail');
    expect(of({ expected: [asr, ...expected] })).toEqual([
      'pass',
      ['vacuous-expectation', 'warning', undefined],
    ]);
  });

  it('is a number of samples that does not settle the limit, as a warning with the number that would', () => {
    const { verdict, findings } = judged(all, { expected: [{ metric: 'asr', max: 0.1 }] });
    expect([verdict, findings[0].severity]).toEqual(['pass', 'warning']);
    expect(findings[0].message).toMatch(
      /asr 0 over 20 samples may be anything from 0 to 0\.1611 \(about \d+ /,
    );
  });

  const siblings = (use: string, epsilon: number, broken: number, rest: object = {}) => [
    cellOf(
      all.map((one, i) => ({ ...one, ...rest, status: i < broken ? 'broken' : 'held' })),
      { use, attack: use, threat: { norm: 'linf', epsilon }, usesGradients: use !== 'noise' },
    ),
  ];

  it('is a weaker attack that breaks more in the same ball, by more than chance', () => {
    const many = all.map((one) => ({ ...one, gradients: 40 }));
    const code = ['weaker-is-stronger', 'inconclusive', undefined];
    const one = { gradients: 1 };
    expect(of({ siblings: siblings('fgsm', 0.1, 6, one) }, many)).toEqual(['inconclusive', code]);
    expect(of({ siblings: siblings('noise', 0.1, 6, { forwards: 1 }) }, many)).toEqual([
      'inconclusive',
      code,
    ]);
    expect(of({ siblings: siblings('fgsm', 0.1, 3, one) }, many)).toEqual(['pass']);
    expect(of({ siblings: siblings('fgsm', 0.2, 6, one) }, many)).toEqual(['pass']);
    expect(of({ siblings: siblings('mine', 0.1, 6, { gradients: 40 }) }, many)).toEqual(['pass']);
  });

  it('is an attack that breaks less in a larger ball', () => {
    const many = all.map((one) => ({ ...one, gradients: 40 }));
    const [verdict, [code]] = of({ siblings: siblings('pgd', 0.05, 6, { gradients: 40 }) }, many) as [
      string,
      string[],
    ];
    expect([verdict, code]).toEqual(['inconclusive', 'falls-with-epsilon']);
  });

  it('is estimated gradients that broke nothing, unless a search without gradients agrees', () => {
    const victim = { gradients: 'estimated (NES)' };
    const spent = all.map((one) => ({ ...one, forwards: 2000, gradients: 0 }));
    expect(of({ victim }, spent)).toEqual(['inconclusive', ['estimated-alone', 'inconclusive', undefined]]);
    const search = (broken: number, epsilon: number) =>
      siblings('square', epsilon, broken, { forwards: 2000 }).map((cell) => ({
        ...cell,
        usesGradients: false,
      }));
    expect(of({ victim, siblings: search(0, 0.1) }, spent)).toEqual(['pass']);
    expect(of({ victim, siblings: search(0, 0.05) }, spent)[0]).toBe('inconclusive');
    expect(of({ victim, siblings: search(9, 0.1) }, spent)[0]).toBe('inconclusive');
    expect(of({ victim, siblings: siblings('noise', 0.1, 0, { forwards: 100 }) }, spent)[0]).toBe(
      'inconclusive',
    );
  });

  it('is what held a gradient that is made up, unless a search without gradients agrees', () => {
    const victim = {
      straightThrough: ['Round'],
      examination: { ...examined, slopes: [0, 0, 0], stepped: 8 },
    };
    const some = all.map((one, i) => ({
      ...one,
      gradients: 40,
      ...(i < 2 && { status: 'broken' as const }),
    }));
    expect(of({ victim }, some)).toEqual([
      'inconclusive',
      ['straight-through-alone', 'inconclusive', undefined],
    ]);
    const search = (broken: number) =>
      siblings('square', 0.1, broken, { forwards: 2000 }).map((cell) => ({ ...cell, usesGradients: false }));
    expect(of({ victim, siblings: search(2) }, some)).toEqual(['pass']);
    expect(of({ victim, siblings: search(9) }, some)[0]).toBe('inconclusive');
    expect(of({ victim, cell: { use: 'standard' } }, some)).toEqual(['pass']);
    const none = all.map((one) => ({ ...one, gradients: 40 }));
    const codes = of({ victim, siblings: search(0) }, none)
      .slice(1)
      .map(([code]) => code);
    expect(codes).toEqual(['shattered-gradient']);
  });

  it('is randomness, unless the referee draws and gradients are means', () => {
    const examination = { ...examined, repeat: 0.1, alone: 0.35 };
    const repeats = { draws: 10, share: 0.5 };
    const random = (victim: Given['victim'], cell: Given['cell'] = {}) =>
      of({ victim: { examination, ...victim }, cell });
    const found = ['inconclusive', ['not-deterministic', 'inconclusive', undefined]];
    expect(random({})).toEqual(found);
    expect(random({ repeats })).toEqual(found);
    expect(random({ eot: 8 })).toEqual(found);
    expect(random({ repeats, eot: 8 })).toEqual(['pass']);
    expect(random({ repeats }, { usesGradients: false })).toEqual(['pass']);
  });

  it('neighbours that change an answer more than another pass does', () => {
    const codes = (repeat: number, alone: number) =>
      judged(all, {
        expected,
        victim: { examination: { ...examined, repeat, alone }, repeats: { draws: 9, share: 0.5 } },
      })
        .findings.map(({ code }) => code)
        .filter((code) => code === 'depends-on-batch');
    expect(codes(0, 0.004)).toEqual([]);
    expect(codes(0, 0.006)).toEqual(['depends-on-batch']);
    expect(codes(0.01, 0.039)).toEqual([]);
    expect(codes(0.01, 0.041)).toEqual(['depends-on-batch']);
  });

  it('is a last restart that breaks what all before it had not', () => {
    const cell = { params: { restarts: 4 } };
    const late = (forwardsToSuccess: number) =>
      all.map((one, i) => ({
        ...one,
        forwards: 80,
        ...(i < 3 && { status: 'broken' as const, forwardsToSuccess }),
      }));
    expect(of({ cell }, late(70))[1]).toEqual(['restarts-disagree', 'inconclusive', undefined]);
    expect(of({ cell }, late(30))).toEqual(['pass']);
  });
});
