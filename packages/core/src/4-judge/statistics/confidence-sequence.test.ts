import { expect, it } from 'vitest';
import { Stream } from '@gauntlet/api';
import { anytime } from './confidence-sequence.js';
import { wilson } from './intervals.js';

it('has the ends that follow where nothing, or all, was seen', () => {
  // ∫ (1 − q)ⁿ dq / (1 − p)ⁿ = 1/α: p = 1 − (α / (n + 1))^(1/n).
  for (const n of [1, 10, 1000]) {
    const end = 1 - (0.05 / (n + 1)) ** (1 / n);
    expect(anytime(0, n, 0.95)).toEqual([0, expect.closeTo(end, 9)]);
    expect(anytime(n, n, 0.95)).toEqual([expect.closeTo(1 - end, 9), 1]);
  }
  expect(anytime(0, 0, 0.95)).toEqual([0, 1]);
});

it('is wider than an interval for one look, and not by much', () => {
  for (const [k, n] of [
    [5, 10],
    [10, 100],
    [300, 1000],
  ]) {
    const [[low, high], [lowest, highest]] = [wilson(k, n, 0.95), anytime(k, n, 0.95)];
    expect(lowest).toBeLessThan(low);
    expect(highest).toBeGreaterThan(high);
    expect(highest - lowest).toBeLessThan(2 * (high - low));
  }
});

it('leaves the true rate out at some time in at most 5 % of all sequences', () => {
  const rate = 0.9;
  // Most of the sequences come by the same counts.
  const left = new Map<number, boolean>();
  const leavesOut = (k: number, n: number) => {
    const [low, high] = anytime(k, n, 0.95);
    return low > rate || high < rate;
  };
  let errors = 0;
  for (let run = 0; run < 400; run++) {
    const stream = new Stream('confidence-sequence', run);
    let k = 0;
    for (let n = 1; n <= 300; n++) {
      if (stream.uniform() < rate) k++;
      const counts = 1000 * k + n;
      if (!left.has(counts)) left.set(counts, leavesOut(k, n));
      if (left.get(counts)) {
        errors++;
        break;
      }
    }
  }
  expect(errors / 400).toBeLessThanOrEqual(0.05);
  expect(errors).toBeGreaterThan(0);
});
