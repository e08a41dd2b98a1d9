import { tf } from '@gauntlet/api';
import * as tfl from '@tensorflow/tfjs-layers';
import type { Recipe } from '../recipe.js';
import { adam } from '../training/adam.js';
import { meanSquaredError, sparsity } from '../training/losses.js';
import { minimise } from '../training/minimise.js';
import { buildDense } from './dense.js';

/** Weight of the divergence, target of the mean activation, and weight of the activations' absolute sum. */
const [beta, rho, l1] = [3, 0.1, 1e-7];

export const sparseAutoencoder: Recipe = {
  name: 'sparse-autoencoder',
  kind: 'autoencoder',
  reference:
    'Hsu et al., AAAI 2022: 784–128–784, mean squared error + 3 KL(0.1 ‖ mean activation), the mean over units, + L1 1e-7, Adam',
  epochs: 50,
  batchSize: 100,
  build: (shape, seed) => ({ model: buildDense(shape, seed), companions: {} }),
  trainer({ model }) {
    const optimizer = adam();
    const both = tfl.model({
      inputs: model.inputs,
      outputs: [model.getLayer('code').output as tfl.SymbolicTensor, model.outputs[0]],
    });
    return (x, y) =>
      minimise(
        optimizer,
        () => {
          const [code, reconstruction] = both.apply(x, { training: true }) as tf.Tensor[];
          const activity = tf.mul(tf.sum(tf.abs(code)), l1 / x.shape[0]);
          const penalty = tf.add(tf.mul(sparsity(code, rho), beta), activity);
          return tf.add(meanSquaredError(y, reconstruction), penalty) as tf.Scalar;
        },
        model,
      );
  },
};
