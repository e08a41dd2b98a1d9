import { expect, it } from 'vitest';
import { judgeDifferences } from './judge-difference.js';

const cell = (broken: number, fixed: number, unchanged = 50) => ({
  newlyBroken: [...Array(broken).keys()],
  newlyFixed: [...Array(fixed).keys()],
  unchanged,
});
const tested = { tolerance: 0, significance: 0.05 };
const verdicts = (...cells: ReturnType<typeof cell>[]) =>
  judgeDifferences(cells, tested).map(({ verdict }) => verdict);

it('chance is no regression, and what it does not do is one', () => {
  expect(verdicts(cell(4, 0))).toEqual(['pass']);
  expect(verdicts(cell(5, 0))).toEqual(['fail']);
  expect(verdicts(cell(12, 6))).toEqual(['pass']);
  expect(verdicts(cell(0, 9))).toEqual(['pass']);
  expect(verdicts(cell(0, 0, 0))).toEqual(['inconclusive']);
});

it('the level is that of all cells together', () => {
  expect(verdicts(cell(5, 0), cell(0, 0))).toEqual(['pass', 'pass']);
  expect(verdicts(cell(6, 0), cell(0, 0))).toEqual(['fail', 'pass']);
  // Holm: the second is held to a milder level once the first is shown.
  expect(verdicts(cell(6, 0), cell(5, 0))).toEqual(['fail', 'fail']);
  const [{ message, pValue }] = judgeDifferences([cell(6, 0), cell(0, 0)], tested);
  expect(pValue).toBeCloseTo(1 / 64, 12);
  expect(message).toMatch(
    /p = 0\.016, 0\.031 among 2 cells\); the paired test shows at 0\.05 that it is worse\.$/,
  );
});

it('a tolerance alone counts every sample, and with a test both have to agree', () => {
  expect(judgeDifferences([cell(1, 5)], { tolerance: 0 })[0].verdict).toBe('fail');
  expect(judgeDifferences([cell(1, 5)], { tolerance: 0.02 })[0].verdict).toBe('pass');
  const both = { tolerance: 0.1, significance: 0.05 };
  expect(judgeDifferences([cell(5, 0)], both)[0].verdict).toBe('pass');
  expect(judgeDifferences([cell(9, 0)], both)[0].verdict).toBe('fail');
});
