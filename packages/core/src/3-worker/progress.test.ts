import { describe, expect, it } from 'vitest';
import { ProgressLog } from './progress.js';

const logged = (values: readonly number[]) => {
  const log = new ProgressLog(2);
  for (const value of values) log.add(1, value);
  return log.of(1);
};

describe('the progress of an attack', () => {
  it('is the smallest criterion at the first look, at a late one and at the last', () => {
    const falling = Array.from({ length: 11 }, (_, i) => 10 - i);
    expect(logged(falling)).toEqual({ looks: 11, start: 10, late: 1, lateLooks: 1, end: 0 });
    expect(logged([5, 3, 8])).toEqual({ looks: 3, start: 5, late: 3, lateLooks: 1, end: 3 });
    expect(logged([5])).toEqual({ looks: 1, start: 5, late: 5, lateLooks: 0, end: 5 });
  });

  it('keeps a late look of a long way about a tenth before its end', () => {
    for (const looks of [64, 65, 100, 1000, 12345]) {
      const { late, lateLooks, end } = logged(Array.from({ length: looks }, (_, i) => looks - 1 - i))!;
      expect([late, end]).toEqual([lateLooks, 0]);
      expect(lateLooks / looks).toBeGreaterThan(0.09);
      expect(lateLooks / looks).toBeLessThan(0.15);
    }
  });

  it('is nothing without a look, and takes no number that is none', () => {
    expect(new ProgressLog(1).of(0)).toBeUndefined();
    expect(logged([NaN, Infinity])).toBeUndefined();
    expect(logged([NaN, 2])).toMatchObject({ looks: 1, start: 2 });
  });
});
