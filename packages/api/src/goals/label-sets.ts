import type { ClassifierOutputs } from '../victim-kinds.js';
import { tf } from '../tf.js';
import type { Criterion } from './criteria.js';

// A multi-label classifier decides on each of k labels by itself: label j is said to be true where its logit z_j is above 0.
// With the sign s_j = 1 of a label that is true and −1 of one that is not, the decision is right where s_j z_j > 0, and wrong at
// a tie, as a class is at a tie of logits.

/** Which of k labels are true of each of n samples. */
export interface LabelSets {
  /** k */
  width: number;
  /** [n·k] 0 or 1 */
  values: Uint8Array;
}

type Logits = Pick<ClassifierOutputs, 'logits'>;

/** Of all samples only these rows. */
export function pickSets({ width, values }: LabelSets, rows: readonly number[]): LabelSets {
  const picked = new Uint8Array(rows.length * width);
  rows.forEach((row, i) => picked.set(values.subarray(row * width, (row + 1) * width), i * width));
  return { width, values: picked };
}

/** f = min_j s_j z_j: the decision on at least one label is wrong. */
export function anyLabelWrong(sets: LabelSets): Criterion<Logits> {
  const signs = Float32Array.from(sets.values, (value) => 2 * value - 1);
  return {
    name: 'any-label',
    value: ({ logits }) => tf.tidy(() => tf.min(tf.mul(logits, tf.tensor2d(signs, logits.shape)), 1)),
  };
}

/**
 * The decisions on at least m labels are wrong. With v the m smallest of s_j z_j, f = Σ max(v, 0) − max(−max v, 0): continuous, ≤ 0 exactly where m decisions are wrong, and before that all that are missing are led there at once.
 */
export function labelsWrong(sets: LabelSets, m: number): Criterion<Logits> {
  const signs = Float32Array.from(sets.values, (value) => 2 * value - 1);
  return {
    name: 'hamming',
    value: ({ logits }) =>
      tf.tidy(() => {
        const signed: tf.Tensor2D = tf.mul(logits, tf.tensor2d(signs, logits.shape));
        const smallest = mSmallest(signed, m);
        const behind = tf.relu(tf.neg(tf.max(smallest, 1)));
        return tf.sub(tf.sum(tf.relu(smallest), 1), behind);
      }),
  };
}

/** [n, k] → [n, m], from the smallest on. Which ones they are counts as a constant: topk has no gradient. */
function mSmallest(values: tf.Tensor2D, m: number): tf.Tensor2D {
  const [n, k] = values.shape;
  const masks = tf.customGrad((z) => ({
    // [n, m, k]
    value: tf.tidy(() => {
      const order = tf.topk(tf.neg(z as tf.Tensor2D), m).indices;
      return tf.cast(tf.oneHot(order, k), 'float32');
    }),
    gradFunc: (dy: tf.Tensor) => tf.zeros([n, k], dy.dtype),
  }))(values);
  return tf.sum(tf.mul(tf.expandDims(values, 1), masks), 2);
}
