import { type Stream, tf } from '@gauntlet/api';

/** One permutation of K rows per sample, as flat row numbers into [n·K, …], with its inverse. */
export interface Shuffle {
  order: Int32Array;
  inverse: Int32Array;
}

export function drawShuffle(streams: readonly Stream[], k: number): Shuffle {
  const order = new Int32Array(streams.length * k);
  const inverse = new Int32Array(streams.length * k);
  streams.forEach((stream, sample) => {
    const from = sample * k;
    stream.permutation(k).forEach((row, i) => {
      order[from + i] = from + row;
      inverse[from + row] = from + i;
    });
  });
  return { order, inverse };
}

/** x [n,K,H] with the K rows of each sample permuted. Its gradient is the inverse permutation. */
export function permuteRows(x: tf.Tensor3D, { order, inverse }: Shuffle): tf.Tensor3D {
  const gather = (t: tf.Tensor, rows: Int32Array): tf.Tensor =>
    tf.reshape(tf.gather(tf.reshape(t, [-1, x.shape[2]]), tf.tensor1d(rows, 'int32')), x.shape);
  const permute = tf.customGrad((t) => ({
    value: gather(t as tf.Tensor, order),
    gradFunc: (dy: tf.Tensor) => gather(dy, inverse),
  }));
  return permute(x) as tf.Tensor3D;
}
