import { expect, it } from 'vitest';
import { settleDraws } from './settle-draws.js';

const draws = [
  [1, -1, -1, 1],
  [-1, -1, 1, 1],
  [-1, -1, 1, 1],
  [1, -1, 1, 1],
].map((values) => Float32Array.from(values));

it('a criterion is met where enough draws meet it, and the first that is like all stands for them', () => {
  const half = settleDraws(draws, 0.5);
  expect([...half.shares]).toEqual([0.5, 1, 0.25, 0]);
  expect([...half.typical]).toEqual([1, 0, 1, 0]);
  expect([...settleDraws(draws, 0.75).typical]).toEqual([0, 0, 1, 0]);
  expect([...settleDraws(draws, 0.25).typical]).toEqual([1, 0, 0, 0]);
});
