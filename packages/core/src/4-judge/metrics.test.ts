import { describe, expect, it } from 'vitest';
import type { Evidence, Outcome } from '@gauntlet/api';
import { bootstrap, mean, meanInterval, normalQuantile, quantile, wilson } from './statistics/intervals.js';
import { computeMetric, computeMetrics, computePoint, type Measures } from './metrics.js';
import { judged } from './evidence.test-support.js';
import { standardMeasures } from './open-metrics.js';
import standard from './standard-metrics.js';
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

describe('the point of a metric', () => {
  const outcomes = [4, 1, 2].map((minimalNorm, i) =>
    attacked(i, 'broken', { minimalNorm, l2: 2 * minimalNorm }),
  );

  it('is that of the metric, at a thousandth of the cost', () => {
    for (const name of ['asr', 'minimalNorm', 'l2', 'reconstructionDegradation']) {
      const { value, n } = computeMetric(measures, name, outcomes);
      expect(computePoint(measures, name, outcomes)).toMatchObject({ n, ...(n > 0 && { value }) });
    }
    expect(computePoint(measures, 'minimalNorm', outcomes)).toEqual({ value: 2, n: 3 });
    expect(computePoint(measures, 'l2', outcomes)).toEqual({ value: 14 / 3, n: 3 });
    expect(computePoint(measures, 'l2', [])).toEqual({ n: 0 });
  });

  it('of a metric that the run lacks is an error that names it', () => {
    expect(() => computePoint(measures, 'mine', outcomes)).toThrow('This run has no metric "mine".');
  });
});

describe('the metrics that come with Gauntlet', () => {
  const value = (name: string, outcomes: readonly Outcome[]) => {
    const { value, n } = computePoint(measures, name, outcomes);
    return [value, n];
  };

  it('count accuracy over what has a label and a prediction; what was lost under attack is not counted', () => {
    const unlabelled: Outcome = { index: 5, status: 'held', cleanPrediction: 1 };
    const unpredicted: Outcome = { index: 6, status: 'held', label: 1 };
    const neither: Outcome = { index: 7, status: 'held' };
    const all = [attacked(0, 'broken'), attacked(1, 'held'), unlabelled, unpredicted, neither, skipped];
    expect(value('cleanAccuracy', all)).toEqual([2 / 3, 3]);
    expect(value('robustAccuracy', all)).toEqual([1 / 3, 3]);
    const lostLater: Outcome = { index: 8, status: 'unassessed', label: 1, cleanPrediction: 1 };
    expect(value('cleanAccuracy', [...all, lostLater])).toEqual([3 / 4, 4]);
    expect(value('robustAccuracy', [...all, lostLater])).toEqual([1 / 3, 3]);
    // Led to the right class by the attack, it was wrong before.
    const led: Outcome = { index: 9, status: 'broken', label: 1, cleanPrediction: 0, prediction: 1 };
    expect(value('robustAccuracy', [led])).toEqual([0, 1]);
  });

  it('count success among what was attacked, before and after rounding', () => {
    const all = [
      attacked(0, 'broken', { brokenRounded: true }),
      attacked(1, 'broken'),
      attacked(2, 'held'),
      skipped,
      lost,
    ];
    expect(value('asr', all)).toEqual([2 / 3, 3]);
    expect(value('asrRounded', all)).toEqual([1 / 3, 3]);
  });

  it.each(['mi', 'mi.own', 'ssim', 'linf', 'l2', 'l1', 'l0', 'snr', 'confidence'])(
    '%s is the mean over what was broken',
    (name) => {
      const field = name === 'mi.own' ? 'miOwn' : name;
      const all = [3, 5].map((one, i) => attacked(i, 'broken', { [field]: one }));
      expect(value(name, [...all, attacked(2, 'held', { [field]: 9 }), attacked(3, 'broken')])).toEqual([
        4, 2,
      ]);
    },
  );

  it.each(['forwards', 'gradients', 'seconds', 'reconstructionError', 'cleanReconstructionError'])(
    '%s is the mean over what was attacked',
    (name) => {
      const all = [attacked(0, 'broken', { [name]: 3 }), attacked(1, 'held', { [name]: 5 })];
      expect(value(name, [...all, { ...skipped, [name]: 9 }, { ...lost, [name]: 9 }])).toEqual([4, 2]);
    },
  );

  it('relate mutual information to that of the input with itself, where that is known and not 0', () => {
    const all = [
      attacked(0, 'broken', { mi: 2, miSelf: 4 }),
      attacked(1, 'broken', { mi: 2, miSelf: 0 }),
      attacked(2, 'broken', { mi: 2 }),
      attacked(3, 'broken', { miSelf: 4 }),
    ];
    expect(value('mi.relative', all)).toEqual([0.5, 1]);
  });

  it('relate the error of reconstruction under attack to that before, over all samples together', () => {
    const pair = (index: number, clean?: number, now?: number) =>
      attacked(index, 'held', { cleanReconstructionError: clean, reconstructionError: now });
    expect(value('reconstructionDegradation', [pair(0, 1, 2), pair(1, 3, 4)])).toEqual([0.5, 2]);
    expect(value('reconstructionDegradation', [pair(0, 2, 3), pair(1, 3), pair(2, undefined, 4)])).toEqual([
      0.5, 1,
    ]);
    expect(value('reconstructionDegradation', [{ ...pair(0, 1, 2), status: 'unassessed' }])).toEqual([
      undefined,
      0,
    ]);
  });

  it('give the median of shortest perturbations, of 0 too', () => {
    const all = [0, 1, 8].map((minimalNorm, i) => attacked(i, 'broken', { minimalNorm }));
    expect(value('minimalNorm', [...all, attacked(3, 'held')])).toEqual([1, 3]);
    const metric = computeMetric(measures, 'minimalNorm', all);
    expect(metric.interval).toEqual([0, 8]);
    const lengths = [0, 1, 2, 2, 3, 3, 3, 4, 90];
    const more = lengths.map((minimalNorm, i) => attacked(i, 'broken', { minimalNorm }));
    const median = (some: readonly number[]) => [...some].sort((a, b) => a - b)[4];
    expect(computeMetric(measures, 'minimalNorm', more).interval).toEqual(bootstrap(lengths, median, 0.95));
    expect(metric.quantiles?.p50).toBe(1);
  });

  it('take no options, so that a misspelt one is refused', () => {
    for (const { params } of standard)
      expect(params).toEqual({ type: 'object', additionalProperties: false, properties: {} });
  });

  const corrupted = (label: number | undefined, levels: Outcome['corrupted']): Outcome => ({
    index: 0,
    status: 'held',
    label,
    corrupted: levels,
  });
  const foggy = corrupted(1, { fog: { 1: 1, 2: 2 }, snow: { 1: 2, 2: 2 } });

  it('count the error under corruptions over levels, then over kinds', () => {
    expect(value('mCE', [foggy, corrupted(2, { fog: { 1: 1 } })])).toEqual([(0.75 + 1) / 2, 2]);
    expect(value('mCE', [corrupted(undefined, { fog: { 1: 1 } }), attacked(1, 'held')])).toEqual([
      undefined,
      0,
    ]);
    const [relative, n] = value('mCE.alexnet', [foggy, corrupted(1, { fog: { 1: 2 }, mine: { 1: 2 } })]);
    expect(relative).toBeCloseTo((0.5 / 0.819324 + 1 / 0.866816) / 2, 12);
    expect(n).toBe(1);
  });

  it('count a sample of several labels as wrong where any of them is', () => {
    const several: Outcome = {
      index: 0,
      status: 'held',
      labels: [1],
      corruptedHamming: { fog: { 1: 0, 2: 0.25 }, snow: { 1: 0, 2: 1 } },
    };
    expect(value('mCE', [several])).toEqual([0.5, 1]);
    expect(value('corruptionAccuracy.severity1', [several])).toEqual([1, 1]);
    expect(value('corruptionAccuracy.severity2', [several])).toEqual([0, 1]);
  });

  it('count the labels that are wrong, before the attack and under it', () => {
    const several = [
      attacked(0, 'broken', { cleanHamming: 0, hamming: 0.5 }),
      attacked(1, 'held', { cleanHamming: 0, hamming: 0 }),
      { ...skipped, cleanHamming: 0.25 },
      { ...lost, cleanHamming: 0.75 },
    ];
    expect(value('cleanHammingLoss', several)).toEqual([0.25, 4]);
    expect(value('hammingLoss', several)).toEqual([0.25, 3]);
  });

  it('count how far an embedding moves where it was attacked', () => {
    const moved = [
      attacked(0, 'broken', { embeddingDistance: 0.5 }),
      attacked(1, 'held', { embeddingDistance: 0.25 }),
    ];
    expect(value('embeddingDistance', [...moved, { ...skipped, embeddingDistance: 1 }])).toEqual([0.375, 2]);
  });

  it('count what is right under each severity by itself', () => {
    expect(value('corruptionAccuracy.severity1', [foggy])).toEqual([0.5, 1]);
    expect(value('corruptionAccuracy.severity2', [foggy])).toEqual([0, 1]);
    expect(value('corruptionAccuracy.severity3', [foggy])).toEqual([undefined, 0]);
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
    const alone = computeMetric(of({ samples: [4], statistic: largest }), 'mine', outcomes);
    expect(alone).toEqual({ value: 4, n: 1 });
    expect(computeMetric(of({ samples: [4, 4], statistic: largest }), 'mine', outcomes).interval).toEqual([
      4, 4,
    ]);
    expect(computeMetric(of({ samples: [], statistic: largest }), 'mine', outcomes)).toEqual({ n: 0 });
  });

  it('of a number for each sample has mean, deviation and quantiles, and of one sample no interval', () => {
    const metric = computeMetric(of({ values: [5, 1, 3, 2, 4] }), 'mine', outcomes);
    expect(metric).toMatchObject({ value: 3, n: 5, std: Math.sqrt(2.5) });
    expect(metric.interval).toEqual(meanInterval([5, 1, 3, 2, 4], 0.95));
    expect(metric.quantiles).toEqual({ p05: 1.2, p25: 2, p50: 3, p75: 4, p95: 4.8 });
    expect(computeMetric(of({ values: [7] }), 'mine', outcomes)).toEqual({ value: 7, n: 1 });
  });

  it('has neither value nor interval over nothing', () => {
    for (const evidence of [{ rate: [0, 0] }, { values: [] }, { samples: [], statistic: mean }])
      expect(computeMetric(of(evidence), 'mine', outcomes)).toEqual({ n: 0 });
  });

  it('is measured at the confidence that is asked for', () => {
    const width = (confidence?: number) => {
      const [low, high] = computeMetric(of({ rate: [5, 10] }), 'mine', outcomes, confidence).interval!;
      return high - low;
    };
    expect(width()).toBe(width(0.95));
    expect(width(0.5)).toBeLessThan(width());
    expect(computeMetric(of({ rate: [2, 2] }), 'mine', outcomes)).toMatchObject({ value: 1, n: 2 });
  });

  it('never passes on what is no evidence', () => {
    for (const [evidence, why] of [
      [{ rate: [3, 2] }, 'mine cannot be measured: The metric mine gave 3 successes in 2 trials.'],
      [{ rate: [0.5, 1] }, 'gave 0.5 successes'],
      [{ rate: [1, 1.5] }, 'in 1.5 trials'],
      [{ rate: [-1, 2] }, 'gave -1 successes'],
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
