import type { Decomposition } from './decomposition.js';

/** Positions in [−1, 1] of the pixels of an image of known size, moved by θ: [1, pixels, axes + 1] θᵀ. */
export const affineGrid: Decomposition = (g, node, c) => {
  const [theta, size] = node.inputs;
  const sizes = c.integers(size)?.slice(2);
  if (!sizes || sizes.length < 2 || sizes.length > 3) return undefined;
  const aligned = node.attributes.int('align_corners', 0) === 1;
  const place = (i: number, count: number) =>
    aligned ? (count > 1 ? (2 * i) / (count - 1) - 1 : 0) : (2 * i + 1) / count - 1;
  const pixels = sizes.reduce((a, b) => a * b, 1);
  // The last axis of the image is the first of a position.
  const cells = Array.from({ length: pixels }, (_, at) => {
    let rest = at;
    const position = [...sizes].reverse().map((count) => {
      const i = rest % count;
      rest = Math.floor(rest / count);
      return place(i, count);
    });
    return [...position, 1];
  });
  const axes = sizes.length;
  const base = g.filled(c.type(theta) ?? 'float32', [1, pixels, axes + 1], cells.flat());
  const moved = g.op('MatMul', [base, g.transpose(theta, [0, 2, 1])]);
  return [g.op('Reshape', [moved, g.ints([-1, ...sizes, axes])])];
};
