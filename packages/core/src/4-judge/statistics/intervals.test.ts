import { describe, expect, it } from 'vitest';
import { bootstrap, mean, meanInterval, normalQuantile, quantile, wilson } from './intervals.js';

/** n numbers with a long tail to the right, in no order. */
const skewed = (n: number) =>
  Array.from({ length: n }, (_, i) => -Math.log(1 - (((i * 7919) % n) + 0.5) / n));
const near = (values: readonly number[], digits = 9) =>
  values.map((value) => expect.closeTo(value, digits) as number);
const z = 1.959963984540054;

describe('the interval of a mean', () => {
  it('of fewer than 1,000 samples is that of resampling, the same for any number of calls', () => {
    for (const n of [2, 40, 41, 999, 40])
      expect(meanInterval(skewed(n), 0.9)).toEqual(near(bootstrap(skewed(n), mean, 0.9)));
  });

  it('of 1,000 and more is the expansion of Cornish and Fisher', () => {
    for (const n of [1000, 5000]) {
      const values = skewed(n);
      const centre = values.reduce((a, b) => a + b, 0) / n;
      const moment = (power: number) => values.reduce((sum, value) => sum + (value - centre) ** power, 0) / n;
      const error = Math.sqrt(moment(2) / n);
      const shift = (moment(3) / moment(2) ** 1.5 / 6 / Math.sqrt(n)) * (z * z - 1);
      expect(meanInterval(values, 0.95)).toEqual(
        near([centre + error * (shift - z), centre + error * (shift + z)]),
      );
      // The tail is on the right.
      expect(shift).toBeGreaterThan(0.01);
    }
    // And near what resampling finds of them.
    const [low, high] = bootstrap(skewed(1000), mean, 0.95);
    const found = meanInterval(skewed(1000), 0.95);
    expect(Math.abs(found[0] - low) / (high - low)).toBeLessThan(0.05);
    expect(Math.abs(found[1] - high) / (high - low)).toBeLessThan(0.05);
  });

  it('of many samples that are all the same is that one', () => {
    expect(meanInterval(Array(1000).fill(0.25), 0.95)).toEqual([0.25, 0.25]);
    expect(meanInterval(Array(20).fill(0.25), 0.95)).toEqual([0.25, 0.25]);
  });
});

it("a bootstrap draws as many as there are, each time anew, and is given the sample's own values", () => {
  const seen: number[][] = [];
  const sample = [3, 1, 2];
  const interval = bootstrap(sample, (resample) => seen.push([...resample]) && resample[0], 0.95);
  expect(seen.length).toBe(1000);
  expect(seen.every((one) => one.length === 3 && one.every((value) => sample.includes(value)))).toBe(true);
  expect(new Set(seen.map(String)).size).toBe(27);
  expect(interval).toEqual([1, 3]);
});

it('quantiles lie between order statistics', () => {
  expect([0, 0.25, 0.5, 0.75, 0.875, 1].map((p) => quantile([1, 2, 4], p))).toEqual([1, 1.5, 2, 3, 3.5, 4]);
  expect(quantile([7], 0.3)).toBe(7);
});

it('quantiles of the normal law', () => {
  expect([0.5, 0.975, 0.9, 1e-10, 1 - 1e-10].map(normalQuantile)).toEqual(
    near([0, z, 1.2815515655446004, -6.361340902404056, 6.361340889697422], 6),
  );
});

it('an interval of a rate ends at 0, or at 1, where nothing, or all, was seen', () => {
  for (let n = 1; n < 60; n++) {
    expect(wilson(0, n, 0.95)[0]).toBe(0);
    expect(wilson(n, n, 0.95)[1]).toBe(1);
  }
});
