import type { RuleContext } from './rule.js';

/** One of the pixels along an axis that a position takes from. */
interface Tap {
  /** Its number, within the image. */
  index: string;
  /** 1 where it counts, 0 where it is beside an image that is padded by zeros; undefined where it always counts. */
  inside?: string;
  /** Undefined where it is 1, wherever the position. */
  weight?: string;
  /** How the weight changes with the position in pixels; undefined where it does not. */
  change?: string;
}

export interface Axis {
  size: number;
  /** The shape of the position is that of the grid without its last axis. */
  at: string;
  /** How much the position in pixels changes with the grid. */
  slope: string;
  taps: Tap[];
}

export type Mode = 'nearest' | 'linear' | 'cubic';

/** The polynomials of Keys 1981 for the pixels at −1, 0, 1, 2, highest power first, with a = −0.75. */
const cubic = [
  [-0.75, 1.5, -0.75, 0],
  [1.25, -2.25, 0, 1],
  [-1.25, 1.5, 0.75, 0],
  [0.75, -0.75, 0, 0],
];

/** What one axis of a grid in [−1, 1] means: `k` counts from the last axis of the image. */
export function axisOf(c: RuleContext, k: number, size: number, mode: Mode): Axis {
  const { g } = c;
  const value = g.op('Gather', [c.node.inputs[1], g.scalar(k, 'int64')], { axis: -1 });
  const half = (c.attributes.int('align_corners', 0) === 1 ? size - 1 : size) / 2;
  const at = g.add(g.mul(value, c.scalar(half)), c.scalar((size - 1) / 2));
  const slope = c.scalar(half);
  const low = g.op(mode === 'nearest' ? 'Round' : 'Floor', [at]);
  const part = g.sub(at, low);
  const tap = (offset: number, weight?: string, change?: string): Tap => ({
    ...pixel(c, offset === 0 ? low : g.add(low, c.scalar(offset)), size),
    weight,
    change,
  });
  if (mode === 'nearest') return { size, at, slope, taps: [tap(0)] };
  if (mode === 'linear')
    return {
      size,
      at,
      slope,
      taps: [tap(0, g.sub(c.scalar(1), part), c.scalar(-1)), tap(1, part, c.scalar(1))],
    };
  const polynomial = (terms: readonly number[]) =>
    terms.slice(1).reduce((sum, term) => g.add(g.mul(sum, part), c.scalar(term)), c.scalar(terms[0]));
  const taps = cubic.map((terms, i) =>
    tap(i - 1, polynomial(terms), polynomial([3 * terms[0], 2 * terms[1], terms[2]])),
  );
  return { size, at, slope, taps };
}

/** Whole positions outside, mirrored at the middle of the outermost pixels, or at their outer edges. */
function mirrored(c: RuleContext, cell: string, size: number): string {
  const { g } = c;
  const length = c.attributes.int('align_corners', 0) === 1 ? size - 1 : size;
  const least = (size - 1 - length) / 2;
  if (length === 0) return g.mul(cell, c.scalar(0));
  const from = g.sub(cell, c.scalar(least));
  const beyond = g.op('Floor', [g.div(from, c.scalar(length))]);
  const rest = g.sub(from, g.mul(beyond, c.scalar(length)));
  const even = g.op('Equal', [g.op('Mod', [g.op('Abs', [beyond]), c.scalar(2)], { fmod: 1 }), c.scalar(0)]);
  return g.add(g.where(even, rest, g.sub(c.scalar(length), rest)), c.scalar(least));
}

/**
 * The pixel that stands at a whole position, which may be beside the image. Weights go by the position as it is: beyond the
 * border they are those of one pixel, and mirrored pixels have mirrored weights, since the polynomials are even.
 */
function pixel(c: RuleContext, cell: string, size: number): Pick<Tap, 'index' | 'inside'> {
  const { g } = c;
  const index = (name: string) => g.cast(g.op('Clip', [name, c.scalar(0), c.scalar(size - 1)]), 'int64');
  const padding = c.attributes.string('padding_mode', 'zeros');
  if (padding === 'zeros') {
    const inside = g.op('And', [
      g.op('GreaterOrEqual', [cell, c.scalar(0)]),
      g.op('LessOrEqual', [cell, c.scalar(size - 1)]),
    ]);
    return { index: index(cell), inside: g.cast(inside, c.type()) };
  }
  if (padding === 'border') return { index: index(cell) };
  return { index: index(mirrored(c, cell, size)) };
}
