import { describe, expect, it } from 'vitest';
import type { Evidence, Outcome } from '@gauntlet/api';
import { bootstrap, mean, meanInterval, normalQuantile, quantile, wilson } from './statistics/intervals.js';
import { computeMetric, computeMetrics, type Measures } from './metrics.js';
import { judged } from './evidence.test-support.js';
import { standardMeasures } from './open-metrics.js';
import { judgeMeasured, measureExpectation } from './verdict.js';

const measures = standardMeasures;

describe('intervals', () => {
  it('agrees with published values', () => {
    expect(normalQuantile(0.975)).toBeCloseTo(1.959964, 5);
    expect(normalQuantile(0.5)).toBeCloseTo(0, 10);
    // Newcombe 1998, table I: 81 of 263, and 0 of 20.
    expect(wilson(81, 263, 0.95)[0]).toBeCloseTo(0.2553, 4);
    expect(wilson(81, 263, 0.95)[1]).toBeCloseTo(0.3662, 4);
    expect(wilson(0, 20, 0.95)).toEqual([0, expect.closeTo(0.1611, 4)]);
  });

  it('covers the mean, is reproducible, and shrinks with the level', () => {
    const values = Array.from({ length: 200 }, (_, i) => i % 10);
    const [low, high] = bootstrap(values, mean, 0.95);
    expect(low).toBeLessThan(4.5);
    expect(high).toBeGreaterThan(4.5);
    // ± 1.96 · 2.88 / √200
    expect(high - low).toBeGreaterThan(0.6);
    expect(high - low).toBeLessThan(1);
    expect(bootstrap(values, mean, 0.95)).toEqual([low, high]);
    const [narrowLow, narrowHigh] = bootstrap(values, mean, 0.5);
    expect(narrowHigh - narrowLow).toBeLessThan(high - low);
  });

  it('of a mean of few samples is that of the bootstrap, to the last bit', () => {
    for (const n of [2, 30, 30, 31, 30]) {
      const values = Array.from({ length: n }, (_, i) => Math.sin(i * i + n));
      expect(meanInterval(values, 0.95)).toEqual(bootstrap(values, mean, 0.95));
    }
  });

  it('gives for many samples what resampling gives, skewed ones included', () => {
    // Exponential quantiles: a skewness of 2.
    const values = Array.from({ length: 1000 }, (_, i) => -Math.log((i + 0.5) / 1000));
    const [low, high] = meanInterval(values, 0.95);
    const resampled = bootstrap(values, mean, 0.95);
    // A thousand resamples say where the ends of an interval are to about 0.002.
    expect(low).toBeCloseTo(resampled[0], 2);
    expect(high).toBeCloseTo(resampled[1], 2);
    const centre = mean(values);
    expect(high - centre).toBeGreaterThan((centre - low) * 1.02);
    expect(meanInterval(new Array<number>(1000).fill(3), 0.95)).toEqual([3, 3]);
  });

  it('interpolates quantiles', () => {
    expect(quantile([1, 2, 3, 4], 0.5)).toBe(2.5);
    expect(quantile([7], 0.9)).toBe(7);
  });
});

const attacked = (index: number, status: 'broken' | 'held', rest: Partial<Outcome> = {}): Outcome => ({
  index,
  status,
  label: 1,
  cleanPrediction: 1,
  prediction: status === 'broken' ? 2 : 1,
  forwards: 10,
  gradients: 5,
  zeroGradients: 0,
  ...rest,
});
const skipped: Outcome = { index: 9, status: 'skipped', label: 1, cleanPrediction: 0 };
const lost: Outcome = { index: 8, status: 'unassessed', reason: 'the worker process died' };

describe('computeMetrics', () => {
  it('counts each metric over the samples that say something about it', () => {
    const outcomes = [
      attacked(0, 'broken', { mi: 4, miSelf: 8, l2: 2 }),
      attacked(1, 'broken', { mi: 6, miSelf: 8, l2: 4 }),
      attacked(2, 'held', { mi: 9, l2: 1 }),
      skipped,
    ];
    const metrics = computeMetrics(measures, outcomes);
    expect(metrics.cleanAccuracy).toMatchObject({ value: 0.75, n: 4 });
    expect(metrics.robustAccuracy).toMatchObject({ value: 0.25, n: 4 });
    expect(metrics.asr).toMatchObject({ value: 2 / 3, n: 3 });
    expect(metrics.mi).toMatchObject({ value: 5, n: 2, std: Math.SQRT2 });
    expect(metrics['mi.relative']).toMatchObject({ value: 0.625, n: 2 });
    expect(metrics.l2).toMatchObject({ value: 3, n: 2 });
    expect(metrics.gradients).toMatchObject({ value: 5, n: 3 });
    expect(metrics['mi.own']).toBeUndefined();
  });
});

describe('a metric of a plugin', () => {
  const outcomes = [attacked(0, 'broken', { l2: 1 }), attacked(1, 'broken', { l2: 2 }), skipped];
  const of = (evidence: unknown): Measures => new Map([['mine', () => evidence as Evidence]]);
  const judge = (evidence: unknown) =>
    judgeMeasured(measureExpectation(of(evidence), { metric: 'mine', min: 0 }, outcomes), []);

  it('may be any statistic, and gets an interval', () => {
    const largest = (lengths: readonly number[]) => Math.max(...lengths);
    const metric = computeMetric(of({ samples: [1, 2, 5], statistic: largest }), 'mine', outcomes);
    expect(metric).toMatchObject({ value: 5, n: 3 });
    expect(metric.interval![1]).toBe(5);
  });

  it('never passes on what is no evidence', () => {
    for (const [evidence, why] of [
      [{ rate: [3, 2] }, 'mine cannot be measured: The metric mine gave 3 successes in 2 trials.'],
      [{ rate: [0.5, 1] }, 'gave 0.5 successes'],
      [{ values: [1, NaN] }, 'mine cannot be measured: The metric mine gave NaN as a number.'],
      [{ values: ['1'] }, 'gave 1 as a number'],
      [{ samples: [1], statistic: () => Infinity }, 'gave Infinity'],
      [{ samples: [1] }, 'cannot be measured'],
      [{}, 'gave neither rate, values nor samples'],
      [undefined, 'cannot be measured'],
      [{ values: [] }, 'no sample says anything about it'],
      [{ rate: [0, 0] }, 'no sample says anything about it'],
    ] as const) {
      expect(judge(evidence)).toMatchObject({
        verdict: 'inconclusive',
        message: expect.stringContaining(why) as string,
      });
    }
    const throws: Measures = new Map([
      [
        'mine',
        () => {
          throw new Error('not today');
        },
      ],
    ]);
    const { expectations } = judged(outcomes, { measures: throws, expected: [{ metric: 'mine', min: 0 }] });
    expect(expectations[0].message).toBe('mine cannot be measured: not today');
    expect(computeMetrics(throws, outcomes)).toEqual({});
  });
});

describe('verdicts', () => {
  const outcomes = [attacked(0, 'broken'), attacked(1, 'held'), attacked(2, 'held'), attacked(3, 'held')];
  const judge = (limit: object, some = outcomes) =>
    judged(some, { expected: [{ metric: 'asr', ...limit }] }).expectations[0];

  it('holds the point against the limit', () => {
    expect(judge({ max: 0.3 }).verdict).toBe('pass');
    expect(judge({ max: 0.2 }).verdict).toBe('fail');
    expect(judge({ min: 0.5 }).verdict).toBe('fail');
    expect(judge({ min: 0.25, max: 0.25 }).verdict).toBe('pass');
    expect(judge({ max: 0.2 }).message).toBe(
      'asr is 0.25 [0.04559, 0.6994] over 4 samples; expected at most 0.2, which is 0.05 too much.',
    );
  });

  it('holds the interval against the limit if a confidence is asked for', () => {
    expect(judge({ max: 0.3, confidence: 0.95 })).toMatchObject({
      verdict: 'fail',
      message: expect.stringContaining('which the interval does not show') as string,
    });
    expect(judge({ max: 0.8, confidence: 0.95 }).verdict).toBe('pass');
  });

  it('never passes without evidence', () => {
    expect(judge({ max: 1 }, [skipped]).verdict).toBe('inconclusive');
    expect(judge({ max: 1 }, []).verdict).toBe('inconclusive');
    expect(judge({ max: 1 }, [...outcomes, lost]).verdict).toBe('inconclusive');
    expect(judged(outcomes, { expected: [{ metric: 'mi', min: 0 }] }).verdict).toBe('inconclusive');
    expect(judged([lost]).verdict).toBe('inconclusive');
  });

  it('lets as much be unassessed as the spec allows', () => {
    const found = (maxUnassessed: number) =>
      judged([...outcomes, lost], { maxUnassessed })
        .findings.filter(({ severity }) => severity === 'inconclusive')
        .map(({ code, samples }) => [code, samples]);
    expect(found(0.2)).toEqual([]);
    expect(found(0.1)).toEqual([['unassessed', [8]]]);
  });

  it('calls a defect of the attack by name, with the sample and the amount', () => {
    const defect: Outcome = {
      index: 5,
      status: 'unassessed',
      defect: { kind: 'outside-epsilon', amount: 0.05 },
    };
    const [finding] = judged([...outcomes, defect], { maxUnassessed: 1 }).findings;
    expect(finding.message).toBe(
      'The attack broke its own threat model on 1 sample: sample 5 is outside-epsilon by 0.05.',
    );
  });

  it('does not take a victim without gradient for one that holds', () => {
    const blind = [0, 1, 2].map((i) => attacked(i, 'held', { zeroGradients: 5 }));
    const codes = (some: Outcome[]) => judged(some).findings.map(({ code }) => code);
    expect(codes(blind)).toContain('zero-gradients');
    const flat = [0, 1, 2].map((i) => attacked(i, 'held', { flat: true }));
    expect(codes(flat)).toContain('zero-gradients');
  });
});
