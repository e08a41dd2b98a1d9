import { expect, it } from 'vitest';
import type { CellReport, Outcome } from '@gauntlet/api';
import { computeMetric } from '../4-judge/metrics.js';
import { standardMeasures } from '../4-judge/open-metrics.js';
import { robustnessCurve } from './robustness-curve.js';

const one = (index: number, status: Outcome['status'], rest: Partial<Outcome> = {}): Outcome => ({
  index,
  status,
  label: 1,
  cleanPrediction: status === 'skipped' ? 2 : 1,
  ...rest,
});
const outcomes = [
  one(0, 'broken', { minimalNorm: 0.3 }),
  one(1, 'broken', { minimalNorm: 0.1 }),
  one(2, 'broken', { minimalNorm: 0.3 }),
  one(3, 'held'),
  one(4, 'skipped'),
  one(5, 'unassessed'),
];

it('falls at each length at which a sample breaks', () => {
  const points = robustnessCurve({ outcomes } as CellReport);
  expect(points.map(({ epsilon, robustAccuracy }) => [epsilon, robustAccuracy])).toEqual([
    [0, 0.8],
    [0.1, 0.6],
    [0.3, 0.2],
  ]);
  for (const { robustAccuracy, interval } of points) {
    expect(interval[0]).toBeLessThan(robustAccuracy);
    expect(interval[1]).toBeGreaterThan(robustAccuracy);
  }
  expect(robustnessCurve({ outcomes: outcomes.slice(3) } as CellReport)).toEqual([]);
});

it('has a median, with quantiles, over what breaks', () => {
  const lengths = Array.from({ length: 101 }, (_, i) => i / 100);
  const metric = computeMetric(
    standardMeasures,
    'minimalNorm',
    // Far ones would move a mean.
    [...lengths, 50].map((minimalNorm, i) => one(i, 'broken', { minimalNorm })),
  );
  expect(metric.value).toBeCloseTo(0.505, 10);
  expect(metric.quantiles!.p50).toBe(metric.value);
  expect(metric.interval![0]).toBeGreaterThan(0.35);
  expect(metric.interval![1]).toBeLessThan(0.65);
  expect(computeMetric(standardMeasures, 'minimalNorm', outcomes.slice(3)).n).toBe(0);
});
