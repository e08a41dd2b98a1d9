import { expect, it } from 'vitest';
import { holm, mcnemar, mcnemarOneSided } from './paired.js';

it('gives the exact binomial probabilities', () => {
  expect(mcnemar(0, 0)).toBe(1);
  expect(mcnemar(3, 3)).toBeCloseTo(1, 12);
  // 2 · (C(10,9) + C(10,10)) / 2¹⁰
  expect(mcnemar(9, 1)).toBeCloseTo((2 * 11) / 1024, 12);
  expect(mcnemar(1, 9)).toBe(mcnemar(9, 1));
  expect(mcnemarOneSided(5, 0)).toBeCloseTo(1 / 32, 12);
  expect(mcnemarOneSided(0, 5)).toBeCloseTo(1, 12);
  // Known from the normal approximation: z = 4 for 1,000 pairs split 563.2 to 436.8.
  expect(mcnemar(563, 437)).toBeGreaterThan(5e-5);
  expect(mcnemar(563, 437)).toBeLessThan(1e-4);
});

it('corrects for several comparisons', () => {
  expect(holm([0.01, 0.04, 0.03])).toEqual([0.03, 0.06, 0.06]);
  expect(holm([0.9, 0.5])).toEqual([1, 1]);
  expect(holm([])).toEqual([]);
});
