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

/** The numbers of a tensor that `tensorOf` made, not to be written to; nothing for others, which have to be read. */
export const knownValues = (tensor: tfjs.Tensor): Float32Array | undefined => onHost.get(tensor.dataId);

/** The numbers of a float32 tensor, not to be written to. */
export const valuesOf = async (tensor: tfjs.Tensor): Promise<Float32Array> =>
  knownValues(tensor) ?? ((await tensor.data()) as Float32Array);
