import type { ImageShape, Recipe } from '../recipe.js';
import { meanSquaredError } from '../training/losses.js';
import { minimise, rmsprop, run } from '../training/minimise.js';
import { dense, seededLayers, sizeOf } from './layers.js';

/** d – 128 sigmoid – d sigmoid. */
export function buildDense(shape: ImageShape, seed: number) {
  const layer = seededLayers(seed);
  return dense(shape, [layer.dense(128, 'sigmoid', 'code'), layer.dense(sizeOf(shape), 'sigmoid')]);
}

export const denseAutoencoder: Recipe = {
  name: 'dense-autoencoder',
  kind: 'autoencoder',
  reference: 'Hsu et al., AAAI 2022: 784–128–784, mean squared error, RMSprop 0.0025',
  epochs: 20,
  batchSize: 100,
  build: (shape, seed) => ({ model: buildDense(shape, seed), companions: {} }),
  trainer({ model }) {
    const optimizer = rmsprop(0.0025);
    return (x, y) => minimise(optimizer, () => meanSquaredError(y, run(model, x)), model);
  },
};
