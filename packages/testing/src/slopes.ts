import assert from 'node:assert/strict';
import { Stream, tf } from '@gauntlet/api';

/** Normal numbers. */
export function normalTensor<T extends tf.Tensor>(stream: Stream, shape: readonly number[]): T {
  const length = shape.reduce((a, b) => a * b, 1);
  return tf.tensor(
    Float32Array.from({ length }, () => stream.normal()),
    [...shape],
  ) as T;
}

/**
 * Along random directions, the sum of `terms` rises as its gradient at x says, within 5 % at one of two step lengths.
 * @param range Largest minus smallest value of an input.
 */
export async function checkSlopes<T extends tf.Tensor>(
  terms: (x: T) => tf.Tensor | Promise<tf.Tensor>,
  x: T,
  gradient: tf.Tensor,
  { stream, range }: { stream: Stream; range: number },
): Promise<void> {
  const sum = async (tensor: tf.Tensor) => (await tf.sum(tensor).data())[0];
  const length = (await tf.norm(gradient).data())[0];
  assert.ok(Number.isFinite(length), 'the gradient is NaN or infinite');
  const noise = 4e-7 * (await sum(tf.abs(await terms(x))));
  for (let direction = 0; direction < 3; direction++) {
    const way = normalTensor(stream, x.shape);
    const expected = await sum(tf.mul(gradient, way));
    const found: number[] = [];
    // A longer step is more exact for large outputs, a shorter one meets fewer kinks.
    for (const step of [1e-2 * range, 1e-3 * range]) {
      const change = tf.mul(way, step);
      const [above, below] = [await terms(tf.add(x, change) as T), await terms(tf.sub(x, change) as T)];
      const slope = (await sum(tf.sub(above, below))) / (2 * step);
      found.push(slope);
      const slack = 0.05 * Math.max(Math.abs(slope), length) + noise / step;
      if (Math.abs(slope - expected) <= slack) break;
      assert.ok(
        found.length < 2,
        `the slope is ${found.join(' or ')} by differences, ${expected} by gradient`,
      );
    }
  }
}
