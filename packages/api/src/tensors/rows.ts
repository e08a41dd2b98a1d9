import * as tf from '@tensorflow/tfjs-core';

/** Rows of a tensor, in the order given. */
export function takeRows<T extends tf.Tensor>(x: T, rows: readonly number[]): T {
  return tf.tidy(() => tf.gather(x, tf.tensor1d(rows as number[], 'int32'))) as T;
}

/** x · s with one factor per sample: x [n, ...], s [n]. */
export function scaleRows<T extends tf.Tensor>(x: T, factors: tf.Tensor): T {
  return tf.tidy(() => tf.mul(x, perRow(factors, x.rank))) as T;
}

/** [n] → [n, 1, 1, …] so that it broadcasts against a tensor of that rank. */
export function perRow(values: tf.Tensor, rank: number): tf.Tensor {
  return tf.reshape(values, [values.shape[0], ...new Array<number>(rank - 1).fill(1)]);
}

/** [n, ...] → [n, d]. */
export function flatRows(x: tf.Tensor): tf.Tensor2D {
  return tf.reshape(x, [x.shape[0], x.size / Math.max(1, x.shape[0])]);
}
