import { tf } from '@gauntlet/api';
import type * as tfl from '@tensorflow/tfjs-layers';
import type { Step } from '../recipe.js';
import { adam } from './adam.js';
import { binaryCrossEntropy, meanSquaredError } from './losses.js';
import { minimise, rmsprop, run } from './minimise.js';

export interface PlainTraining {
  loss: 'mse' | 'bce';
  optimizer: 'adam' | 'rmsprop' | 'sgd';
  learningRate: number;
}

const optimizers = {
  adam,
  sgd: (rate: number) => tf.train.sgd(rate),
  rmsprop,
};
const losses = { mse: meanSquaredError, bce: binaryCrossEntropy };

/** Trains any autoencoder on its reconstruction error. Inputs that are flat for the model are made so. */
export function plainTrainer({ loss, optimizer, learningRate }: PlainTraining, model: tfl.LayersModel): Step {
  const chosen = optimizers[optimizer](learningRate);
  const size = model.inputs[0].shape.slice(1) as number[];
  return (x, y) => {
    const input = tf.reshape(x, [x.shape[0], ...size]);
    return minimise(chosen, () => losses[loss](y, tf.reshape(run(model, input), x.shape)), model);
  };
}
