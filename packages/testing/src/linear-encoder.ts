import { Stream, tf } from '@gauntlet/api';
import { LoadedVictim } from '@gauntlet/core';
import { functionModel } from './function-model.js';
import type { LinearOracle } from './linear-victim.js';

/** Length of an embedding. */
const dimensions = 8;

/** z = W(x − ½), W standard normal, for images in [0.2, 0.8]. What an attack has to find, its criterion says. */
export function linearEncoder(
  n: number,
  { shape = [6, 6, 1] as [number, number, number] } = {},
): Omit<LinearOracle, 'optimum'> {
  const size = shape[0] * shape[1] * shape[2];
  const stream = new Stream('linear-encoder', n, size);
  const weights = Float32Array.from({ length: size * dimensions }, () => stream.normal());
  const matrix = tf.keep(tf.tensor2d(weights, [size, dimensions]));
  const model = functionModel(shape, (x) => ({
    output: tf.matMul(tf.reshape(tf.sub(x, 0.5), [-1, size]), matrix as tf.Tensor2D),
  }));
  return {
    victim: new LoadedVictim(model, shape, {
      kind: 'encoder',
      inputShape: shape,
      bounds: [0, 1],
      classes: 0,
      outputScale: 'embedding',
      preprocess: {},
    }),
    shape,
    classes: 0,
    images: Float32Array.from({ length: n * size }, () => stream.uniform(0.2, 0.8)),
    labels: new Int32Array(n),
  };
}
