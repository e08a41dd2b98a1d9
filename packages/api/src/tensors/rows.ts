import { tf } from '../tf.js';

/** With more runs of neighbouring rows than this a gather is as fast as slices. */
const mostRuns = 16;

/** Rows of a tensor, in the order given: a tensor of its own. Few rows that leave a batch cost next to nothing. */
export function takeRows<T extends tf.Tensor>(x: T, rows: readonly number[]): T {
  const runs: [from: number, count: number][] = [];
  for (const row of rows) {
    const last = runs.at(-1);
    if (last && row === last[0] + last[1]) last[1]++;
    else if (runs.push([row, 1]) > mostRuns) break;
  }
  if (runs.length === 0 || runs.length > mostRuns)
    return tf.tidy(() => tf.gather(x, tf.tensor1d(rows as number[], 'int32'))) as T;
  const [[from, count]] = runs;
  if (from === 0 && count === x.shape[0]) return tf.clone(x);
  const rest = x.shape.slice(1);
  const start = rest.map(() => 0);
  return tf.tidy(() =>
    tf.concat(runs.map(([first, length]) => tf.slice(x, [first, ...start], [length, ...rest]))),
  ) as T;
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
