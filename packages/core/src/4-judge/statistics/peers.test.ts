import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Interval } from '@gauntlet/api';
import { bootstrap, meanInterval, quantile, wilson } from './intervals.js';
import { holm, mcnemar, mcnemarOneSided } from './paired.js';

interface Resampled {
  values: number[];
  level: number;
  interval: Interval;
}

/** What SciPy and statsmodels give for random inputs; `bench/known-statistics.py` writes it. */
const peers = JSON.parse(readFileSync(new URL('peers.json', import.meta.url), 'utf8')) as {
  wilson: { k: number; n: number; level: number; interval: Interval }[];
  mcnemar: { first: number; second: number; twoSided: number; oneSided: number }[];
  holm: { pValues: number[]; adjusted: number[] }[];
  mean: Resampled[];
  median: Resampled[];
};

describe('as in SciPy and statsmodels', () => {
  it('intervals of rates', () => {
    for (const { k, n, level, interval } of peers.wilson)
      expect(wilson(k, n, level)).toEqual(interval.map((end) => expect.closeTo(end, 9)));
  });

  it('paired tests', () => {
    for (const { first, second, twoSided, oneSided } of peers.mcnemar) {
      expect(Math.abs(mcnemar(first, second) - twoSided)).toBeLessThan(1e-9);
      expect(Math.abs(mcnemarOneSided(first, second) - oneSided)).toBeLessThan(1e-9);
    }
  });

  it('the correction for several tests', () => {
    for (const { pValues, adjusted } of peers.holm)
      expect(holm(pValues)).toEqual(adjusted.map((one) => expect.closeTo(one, 12)));
  });

  const median = (values: readonly number[]) => quantile(Float64Array.from(values).sort(), 0.5);
  const cases: [string, Resampled[], (values: readonly number[], level: number) => Interval][] = [
    ['means', peers.mean, meanInterval],
    ['medians', peers.median, (values, level) => bootstrap(values, median, level)],
  ];
  // The deviation of a quantile of 1,000 resamples is about 2 % of the width of the interval.
  it.each(cases)(
    'resampled intervals of %s, but for what 1,000 resamples leave to chance',
    (_, all, ours) => {
      for (const { values, level, interval } of all) {
        const width = interval[1] - interval[0];
        const found = ours(values, level);
        interval.forEach((end, i) => expect(Math.abs(found[i] - end) / width).toBeLessThan(0.05));
      }
    },
  );
});
