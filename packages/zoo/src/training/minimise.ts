import { tf } from '@gauntlet/api';
import type * as tfl from '@tensorflow/tfjs-layers';

/** The variables that training a network changes. */
export const variablesOf = (...networks: tfl.LayersModel[]): tf.Variable[] =>
  networks.flatMap(({ trainableWeights }) => trainableWeights.map((weight) => weight.read() as tf.Variable));

/** One step of an optimiser on some networks; gives the loss before it. */
export function minimise(
  optimizer: tf.Optimizer,
  loss: () => tf.Scalar,
  ...networks: tfl.LayersModel[]
): tf.Scalar {
  return optimizer.minimize(loss, true, variablesOf(...networks))!;
}

/**
 * RMSprop as Keras has it. TensorFlow.js adds epsilon under the root, where its default of 1e-7 is larger than the
 * squares of most gradients of a mean over thousands of values.
 */
export const rmsprop = (learningRate: number): tf.Optimizer => tf.train.rmsprop(learningRate, 0.9, 0, 1e-14);

/** The output of a network with one output, in training. */
export const run = (network: tfl.LayersModel, x: tf.Tensor): tf.Tensor =>
  network.apply(x, { training: true }) as tf.Tensor;
