import { describe, expect, it } from 'vitest';
import { distances, findDefect, roundToBytes } from './measure.js';

const clean = Float32Array.of(0, 0.5, 1, 0.25);
const moved = (...changes: number[]) => clean.map((value, i) => value + (changes[i] ?? 0));

describe('findDefect', () => {
  it('accepts what is inside, rounding included', () => {
    expect(findDefect(clean, moved(0.1, -0.1), [0, 1], { norm: 'linf', epsilon: 0.1 })).toBeUndefined();
    expect(findDefect(clean, clean, [0, 1], { norm: 'l2', epsilon: 0 })).toBeUndefined();
    expect(findDefect(clean, moved(0.9), [0, 1], { norm: 'none', epsilon: 0 })).toBeUndefined();
  });

  it('forgives rounding, and nothing more', () => {
    const kindOf = (by: number, epsilon: number) =>
      findDefect(clean, moved(0, by), [0, 1], { norm: 'linf', epsilon })?.kind;
    expect(kindOf(0.4 * (1 + 5e-5), 0.4)).toBeUndefined();
    expect(kindOf(0.4 * (1 + 3e-4), 0.4)).toBe('outside-epsilon');
    // Of a small ball the slack of the box is the larger one.
    expect(kindOf(1e-3 + 1e-5, 1e-3)).toBe('outside-epsilon');
    const above = (by: number) =>
      findDefect(clean, moved(0, 0, by), [0, 1], { norm: 'linf', epsilon: 1 })?.kind;
    expect(above(1e-6)).toBeUndefined();
    expect(above(1e-5)).toBe('outside-box');
  });

  it('names what is broken and by how much', () => {
    expect(findDefect(clean, moved(0.15), [0, 1], { norm: 'linf', epsilon: 0.1 })).toEqual({
      kind: 'outside-epsilon',
      amount: expect.closeTo(0.05, 5),
    });
    expect(findDefect(clean, moved(0.3, 0.4), [0, 1], { norm: 'l1', epsilon: 0.5 })).toEqual({
      kind: 'outside-epsilon',
      amount: expect.closeTo(0.2, 5),
    });
    expect(findDefect(clean, moved(0, 0, 0.02), [0, 1], { norm: 'linf', epsilon: 1 })).toEqual({
      kind: 'outside-box',
      amount: expect.closeTo(0.02, 5),
    });
    expect(findDefect(clean, moved(NaN, Infinity), [0, 1], { norm: 'linf', epsilon: 1 })).toEqual({
      kind: 'not-finite',
      amount: 2,
    });
    expect(findDefect(clean, clean.slice(1), [0, 1], { norm: 'linf', epsilon: 1 })).toEqual({
      kind: 'wrong-shape',
      amount: -1,
    });
  });

  it('holds a sample to the threat model of the spec as well, whatever the attack says of itself', () => {
    const also = { norm: 'l2', epsilon: 2 } as const;
    const black = new Float32Array(9);
    const moved = (n: number) => black.map((_, i) => (i < n ? 1 : 0));
    expect(findDefect(black, moved(4), [0, 1], { norm: 'linf', epsilon: 1, also })).toBeUndefined();
    for (const threat of [{ norm: 'linf', epsilon: 1 } as const, { norm: 'none', epsilon: 0 } as const])
      expect(findDefect(black, moved(9), [0, 1], { ...threat, also })).toEqual({
        kind: 'outside-epsilon',
        amount: 1,
      });
    expect(findDefect(black, moved(9), [0, 1], { norm: 'linf', epsilon: 0.5, also })).toEqual({
      kind: 'outside-epsilon',
      amount: 0.5,
    });
  });
});

it('measures distances', () => {
  expect(distances(clean, moved(0.3, -0.4))).toEqual({
    linf: expect.closeTo(0.4, 6),
    l2: expect.closeTo(0.5, 6),
    l1: expect.closeTo(0.7, 6),
    l0: 2,
  });
});

it('rounds to 8 bits within the bounds', () => {
  expect([...roundToBytes(Float32Array.of(-1, 1, 0.0001), [-1, 1])]).toEqual([
    -1,
    1,
    expect.closeTo(1 / 255, 6),
  ]);
});
