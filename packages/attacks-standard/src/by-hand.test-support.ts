// What a test needs of vectors to compute an attack's way by itself.
import { bounds } from './prototypes.test-support.js';

type Vector = readonly number[];

export const add = (a: Vector, b: Vector, factor = 1): number[] => a.map((value, i) => value + factor * b[i]);
export const sub = (a: Vector, b: Vector): number[] => add(a, b, -1);

export const lengthOf = {
  linf: (v: Vector) => Math.max(...v.map(Math.abs)),
  l2: (v: Vector) => Math.hypot(...v),
  l1: (v: Vector) => v.reduce((sum, value) => sum + Math.abs(value), 0),
};

/** The direction of steepest ascent. */
export const directionOf = {
  linf: (v: Vector) => v.map(Math.sign),
  l2: (v: Vector) => v.map((value) => value / Math.hypot(...v)),
};

export const inBox = (x: Vector): number[] =>
  x.map((value) => Math.min(bounds[1], Math.max(bounds[0], value)));

/** The nearest point of the ball, and then of the box. */
export function inside(norm: 'linf' | 'l2', clean: Vector, x: Vector, epsilon: number): number[] {
  const delta = sub(x, clean);
  if (norm === 'linf')
    return inBox(
      add(
        clean,
        delta.map((one) => Math.min(epsilon, Math.max(-epsilon, one))),
      ),
    );
  return inBox(add(clean, delta, Math.min(1, epsilon / Math.hypot(...delta))));
}

/** The largest difference of any two values. */
export const apart = (found: readonly Vector[], expected: readonly Vector[]): number => {
  if (found.length !== expected.length) return Infinity;
  return Math.max(...found.map((v, t) => lengthOf.linf(sub(v, expected[t]))));
};
