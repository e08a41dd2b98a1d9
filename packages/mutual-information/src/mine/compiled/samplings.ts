import type { Builder } from '@gauntlet/onnx-gradient';
import type { WrittenSampling } from './written.js';
import type * as tf from '@tensorflow/tfjs-core';

type Shape = readonly [number, number, number, number];

const fromFeatures = (kind: string, columns: boolean, [, ...part]: Shape): WrittenSampling => ({
  kind,
  columns,
  state: () => ({}),
  part,
  v: (g, name) => g.op('Reshape', [name, g.ints([0, part[0] * part[1], part[2]])]),
});

/** Feature maps as samples: [n,h,w,K] → [n,h·w,K]. */
export const writtenMaps = (shape: Shape): WrittenSampling => fromFeatures('maps', true, shape);

/** Positions as samples: [n,h,w,D] → [n,h·w,D]. */
export const writtenPositions = (shape: Shape): WrittenSampling => fromFeatures('positions', false, shape);

/** Random projections, whose law depends on the cosine of x and y alone (see `sampling.ts`). */
export function writtenProjections(
  [, ...part]: Shape,
  state: () => { x: tf.Tensor; a: tf.Tensor; b: tf.Tensor },
): WrittenSampling {
  const size = part.reduce((a, b) => a * b, 1);
  return {
    kind: 'projections',
    columns: false,
    part,
    state: () => ({ ...state() }),
    v(g, name) {
      const scalar = (value: number) => g.scalar(value, 'float32');
      const y = g.op('Reshape', [name, g.ints([0, size])]);
      const norm = (rows: string) => g.op('Sqrt', [g.sum(g.mul(rows, rows), [1])]);
      const lengths = g.op('Max', [g.mul(norm('x'), norm(y)), scalar(1e-12)]);
      const cosine = g.div(g.sum(g.mul('x', y), [1]), lengths);
      const rest = g.op('Max', [g.sub(scalar(1), g.mul(cosine, cosine)), scalar(1e-10)]);
      const spread = (t: string) => g.op('Unsqueeze', [t, g.ints([-1])]);
      const rows = g.add(g.mul('a', spread(cosine)), g.mul('b', spread(g.op('Sqrt', [rest]))));
      return standardise(g, rows);
    },
  };
}

function standardise(g: Builder, rows: string): string {
  const centred = g.sub(rows, g.mean(rows, [2]));
  const variance = g.mean(g.mul(centred, centred), [2]);
  return g.div(centred, g.op('Sqrt', [g.add(variance, g.scalar(1e-12, 'float32'))]));
}
