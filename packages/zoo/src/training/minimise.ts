import * as tf from '@tensorflow/tfjs-core';
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

/** The output of a network with one output, in training. */
export const run = (network: tfl.LayersModel, x: tf.Tensor): tf.Tensor =>
  network.apply(x, { training: true }) as tf.Tensor;
