import { flatRows, tf } from '@gauntlet/api';

/** Number of values of δ that are not 0: [n]. */
export const countChanged = (delta: tf.Tensor4D): tf.Tensor1D =>
  tf.tidy(() => tf.sum(tf.cast(tf.notEqual(flatRows(delta), 0), 'float32'), 1));

/** Of each δ its `counts` largest values, the first of equal ones: the nearest δ that changes no more. [n,h,w,c] */
export async function keepLargest(delta: tf.Tensor4D, counts: ArrayLike<number>): Promise<tf.Tensor4D> {
  const values = (await delta.data()) as Float32Array;
  const n = delta.shape[0];
  const size = values.length / n;
  const kept = new Float32Array(values.length);
  for (let row = 0; row < n; row++) {
    const count = Math.min(size, Math.floor(counts[row]!));
    if (count < 1) continue;
    const sizes = values.slice(row * size, (row + 1) * size).map(Math.abs);
    const threshold = sizes.slice().sort()[size - count]!;
    let equal = count;
    for (let i = 0; i < size; i++) if (sizes[i]! > threshold) equal--;
    for (let i = 0; i < size; i++) {
      const keep = sizes[i]! > threshold || (sizes[i] === threshold && equal-- > 0);
      if (keep) kept[row * size + i] = values[row * size + i]!;
    }
  }
  return tf.tensor4d(kept, delta.shape);
}
