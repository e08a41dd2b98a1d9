import { expect, it } from 'vitest';
import type { Expectation, Outcome } from '@gauntlet/api';
import { decidedAfter } from './decided-after.js';
import { anytime } from './statistics/confidence-sequence.js';

const early = (limits: Partial<Expectation>): Expectation => ({
  metric: 'asr',
  confidence: 0.95,
  early: true,
  ...limits,
});
const outcomes = (status: Outcome['status'], n = 200): Outcome[] =>
  Array.from({ length: n }, (_, index) => ({ index, status }));
/** The first n at which an interval of all or nothing is decided. */
const firstWhere = (decided: (n: number) => boolean) =>
  Array.from({ length: 200 }, (_, i) => i + 1).find(decided);

it('ends a gate at the first sample that decides it: a pass, a failure above, a failure below', () => {
  const holds = firstWhere((n) => anytime(0, n, 0.95)[1] <= 0.2);
  expect(decidedAfter([early({ max: 0.2 })], outcomes('held'))).toBe(holds);
  expect(decidedAfter([early({ min: 0, max: 0.2 })], outcomes('held'))).toBe(holds);
  const tooMuch = firstWhere((n) => anytime(n, n, 0.95)[0] > 0.5);
  expect(decidedAfter([early({ max: 0.5 })], outcomes('broken'))).toBe(tooMuch);
  const tooLittle = firstWhere((n) => anytime(0, n, 0.95)[1] < 0.5);
  expect(decidedAfter([early({ min: 0.5 })], outcomes('held'))).toBe(tooLittle);
  const enough = firstWhere((n) => anytime(n, n, 0.95)[0] >= 0.8);
  expect(decidedAfter([early({ min: 0.8, max: 1 })], outcomes('broken'))).toBe(enough);
});

it('does not end a gate while anything that is expected is open', () => {
  expect(decidedAfter([early({ max: 0 })], outcomes('held'))).toBeUndefined();
  expect(decidedAfter([early({ min: 1 })], outcomes('broken'))).toBeUndefined();
  const [soon, late] = [early({ max: 0.5 }), early({ max: 0.2 })];
  expect(decidedAfter([soon, late], outcomes('held'))).toBe(decidedAfter([late], outcomes('held')));
  expect(decidedAfter([soon], outcomes('held', 3))).toBeUndefined();
  expect(decidedAfter([soon], outcomes('skipped'))).toBeUndefined();
  const both = Array.from({ length: 200 }, (_, i) => outcomes(i % 2 ? 'held' : 'broken')[i]);
  expect(decidedAfter([early({ min: 0.45, max: 0.55 })], both)).toBeUndefined();
});

it('goes on from where it was open, and leaves gates alone that were not to end early', () => {
  const at = decidedAfter([early({ max: 0.2 })], outcomes('held'))!;
  expect(decidedAfter([early({ max: 0.2 })], outcomes('held'), at - 1)).toBe(at);
  expect(decidedAfter([early({ max: 0.2 })], outcomes('held'), at)).toBe(at + 1);
  expect(decidedAfter([early({ max: 0.2 })], outcomes('held', at))).toBe(at);
  expect(decidedAfter([early({ max: 0.2, early: undefined })], outcomes('held'))).toBeUndefined();
  expect(decidedAfter([], outcomes('held'))).toBeUndefined();
});
