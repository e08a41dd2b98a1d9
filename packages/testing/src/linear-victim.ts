import { type NormName, Stream, tf } from '@gauntlet/api';
import { LoadedVictim } from '@gauntlet/core';
import { functionModel } from './function-model.js';

/** A linear classifier: the optimal perturbation of every sample is known in closed form. */
export interface LinearOracle {
  victim: LoadedVictim;
  shape: [number, number, number];
  classes: number;
  /** [n·d] images inside the box, and the classes the victim gives them. */
  images: Float32Array;
  labels: Int32Array;
  /** Length of the shortest perturbation that changes the class of sample i. */
  optimum(i: number, norm: NormName): number;
}

/** z = W(x − ½), W normal with deviation 10, as steep as trained networks; smallest margins in [1, 5]. Bounds [0, 1]. */
export function linearOracle(
  n: number,
  { shape = [6, 6, 1] as [number, number, number], classes = 2, flat = false } = {},
): LinearOracle {
  const d = shape[0] * shape[1] * shape[2];
  const stream = new Stream('linear-oracle', n, d, classes);
  const weights = Float32Array.from({ length: d * classes }, () => 10 * stream.normal());
  const w = (i: number, k: number) => weights[i * classes + k];
  const images = new Float32Array(n * d);
  const labels = new Int32Array(n);
  const gaps: Float64Array[] = [];
  for (let row = 0; row < n;) {
    const x = Float32Array.from({ length: d }, () => stream.uniform(0.35, 0.65));
    const logits = Array.from({ length: classes }, (_, k) =>
      x.reduce((sum, value, i) => sum + w(i, k) * (value - 0.5), 0),
    );
    const label = logits.indexOf(Math.max(...logits));
    const gap = Float64Array.from(logits, (z, k) => (k === label ? Infinity : logits[label] - z));
    if (Math.min(...gap) < 1 || Math.min(...gap) > 5) continue;
    images.set(x, row * d);
    labels[row++] = label;
    gaps.push(gap);
  }
  const matrix = tf.keep(tf.tensor2d(weights, [d, classes]));
  const bias = tf.keep(tf.tensor1d(Array.from({ length: classes }, (_, k) => -k)));
  const model = functionModel(shape, (x) => {
    const rows = tf.reshape(tf.sub(x, 0.5), [x.shape[0], d]);
    const logits = tf.matMul(rows, matrix as tf.Tensor2D);
    // A flat victim says class 0 whatever it sees; its gradient is zero everywhere.
    return { output: flat ? tf.add(tf.mul(logits, 0), bias) : logits };
  });
  const victim = new LoadedVictim(model, shape, {
    kind: 'classifier',
    inputShape: shape,
    bounds: [0, 1],
    classes,
    outputScale: 'logits',
    preprocess: {},
  });
  return {
    victim,
    shape,
    classes,
    images,
    labels: flat ? labels.fill(0) : labels,
    optimum: (row, norm) => {
      const distance = (k: number) =>
        gaps[row][k] /
        dualLength(
          Array.from({ length: d }, (_, i) => w(i, k) - w(i, labels[row])),
          norm,
        );
      return Math.min(
        ...Array.from({ length: classes }, (_, k) => k)
          .filter((k) => k !== labels[row])
          .map(distance),
      );
    },
  };
}

/** The length that bounds how much a perturbation of length 1 can change a linear function. */
function dualLength(w: readonly number[], norm: NormName): number {
  if (norm === 'linf') return w.reduce((sum, value) => sum + Math.abs(value), 0);
  if (norm === 'l2') return Math.sqrt(w.reduce((sum, value) => sum + value * value, 0));
  return Math.max(...w.map(Math.abs));
}
