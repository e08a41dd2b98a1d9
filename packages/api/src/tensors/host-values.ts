import type * as tfjs from '@tensorflow/tfjs-core';
import { tf } from '../tf.js';

/** By what identifies a tensor's numbers, which its clones share. */
const onHost = new WeakMap<object, Float32Array>();

/**
 * A tensor of numbers that an engine has on the host, for what may read them there again: `valuesOf` gives these very numbers,
 * where reading a tensor copies them out of the backend. Nobody may write to them.
 */
export function tensorOf<R extends tfjs.Rank>(values: Float32Array, shape: tfjs.ShapeMap[R]): tfjs.Tensor<R> {
  const tensor = tf.tensor<R>(values, shape);
  onHost.set(tensor.dataId, values);
  return tensor;
}

/** The numbers of a float32 tensor, not to be written to. */
export const valuesOf = async (tensor: tfjs.Tensor): Promise<Float32Array> =>
  onHost.get(tensor.dataId) ?? ((await tensor.data()) as Float32Array);
