import type { Builder } from '@gauntlet/onnx-gradient';
import { filters, kernel } from '../network.js';
import type { WrittenCritic } from './written.js';

/** [n,a,b] → [n,b,a] */
export const turned = (g: Builder, x: string) => g.transpose(x, [0, 2, 1]);

const affine = (g: Builder, x: string, weights: string, bias: string) =>
  g.add(g.op('MatMul', [x, weights]), bias);

/**
 * relu(uA + vB + b)·v: parameters A, B, b, v. With the long side last in A, its gradient and the samples, ONNX Runtime takes half
 * the time for the gradient's product.
 */
export const writtenCollapsed: WrittenCritic = {
  kind: 'collapsed',
  turned: [0, 1],
  left: (g, u, [a]) => turned(g, g.op('MatMul', [a, u])),
  right: (g, v, [, b, bias]) => g.add(turned(g, g.op('MatMul', [b, v])), bias),
};

/** The reference network; `branch` parameters on the left, as many on the right, then the head. */
export function writtenPaper(map: readonly [number, number] | undefined, branch: number): WrittenCritic {
  const run = (g: Builder, x: string, theta: readonly string[]) => {
    let rows = turned(g, x);
    let rest = theta;
    if (map) {
      const patches = (map[0] - 1) * (map[1] - 1);
      const columns = affine(g, unfold(g, rows, map), theta[0], theta[1]);
      rows = g.op('Reshape', [columns, g.ints([0, -1, patches * filters])]);
      rest = theta.slice(2);
    }
    return affine(g, affine(g, rows, rest[0], rest[1]), rest[2], rest[3]);
  };
  return {
    kind: map ? 'paper, maps' : 'paper',
    turned: [],
    left: (g, u, theta) => run(g, u, theta.slice(0, branch)),
    right: (g, v, theta) => run(g, v, theta.slice(branch, 2 * branch)),
  };
}

/** All 2×2 patches of K pictures: [n,K,h·w] → [n,K·(h−1)(w−1),4]. */
function unfold(g: Builder, x: string, [h, w]: readonly [number, number]): string {
  const pictures = g.op('Reshape', [x, g.ints([0, -1, h, w])]);
  const corners = [
    [0, 0],
    [0, 1],
    [1, 0],
    [1, 1],
  ].map(([top, left]) => {
    const part = g.op('Slice', [
      pictures,
      g.ints([top, left]),
      g.ints([top + h - 1, left + w - 1]),
      g.ints([2, 3]),
    ]);
    return g.op('Unsqueeze', [part, g.ints([-1])]);
  });
  return g.op('Reshape', [g.op('Concat', corners, { axis: -1 }), g.ints([0, -1, kernel * kernel])]);
}
