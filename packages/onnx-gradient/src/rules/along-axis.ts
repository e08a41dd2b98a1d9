import type { RuleContext } from './rule.js';

/**
 * The adjoint of y = M x along one axis, M [out, in] row by row: dx = Mᵀ dy. Everything that picks, repeats or
 * interpolates along an axis of known size is such a product.
 */
export function adjointAlong(
  c: RuleContext,
  dy: string,
  axis: number,
  matrix: readonly (readonly number[])[],
  size: number,
  rank: number,
): string {
  const { g } = c;
  const flat = Float32Array.from({ length: matrix.length * size });
  matrix.forEach((row, i) => flat.set(row, i * size));
  const m = g.filled(c.type(), [matrix.length, size], flat);
  if (axis === rank - 1) return g.op('MatMul', [dy, m]);
  const perm = Array.from({ length: rank }, (_, i) => i);
  [perm[axis], perm[rank - 1]] = [rank - 1, axis];
  return g.transpose(g.op('MatMul', [g.transpose(dy, perm), m]), perm);
}

/** The adjoint of picking `indices` along an axis: back to their places, zeros elsewhere, repeats summed. */
export function placeAlong(
  c: RuleContext,
  dy: string,
  axis: number,
  indices: readonly number[],
  size: number,
  rank: number,
): string {
  // Nothing was picked: zeros all over.
  if (indices.length === 0) return c.g.expandLike(c.scalar(0), c.x);
  const consecutive = indices.every((index, i) => index === indices[0] + i);
  if (!consecutive) {
    const rows = indices.map((index) => Array.from({ length: size }, (_, i) => (i === index ? 1 : 0)));
    return adjointAlong(c, dy, axis, rows, size, rank);
  }
  const after = size - indices[0] - indices.length;
  return after === 0 && indices[0] === 0 ? dy : padAlong(c, dy, axis, indices[0], after, rank);
}

export function padAlong(
  c: RuleContext,
  dy: string,
  axis: number,
  before: number,
  after: number,
  rank: number,
) {
  const pads = Array<number>(2 * rank).fill(0);
  pads[axis] = before;
  pads[axis + rank] = after;
  return c.g.op('Pad', [dy, c.g.ints(pads), c.scalar(0)]);
}
