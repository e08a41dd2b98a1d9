import * as tfl from '@tensorflow/tfjs-layers';
import type { Recipe } from '../recipe.js';
import { adam } from '../training/adam.js';
import { binaryCrossEntropy } from '../training/losses.js';
import { minimise, run } from '../training/minimise.js';
import { seededLayers } from './layers.js';

export const convAutoencoder: Recipe = {
  name: 'conv-autoencoder',
  kind: 'autoencoder',
  reference:
    'Hsu et al., AAAI 2022: 5×5 convolutions 16, 8, 8, 16 with pooling and upsampling, binary cross-entropy, Adam',
  epochs: 20,
  batchSize: 100,
  build(shape, seed) {
    const layer = seededLayers(seed);
    const model = tfl.sequential({
      layers: [
        tfl.layers.inputLayer({ inputShape: shape }),
        layer.conv(16, 5, 'relu'),
        tfl.layers.maxPooling2d({ poolSize: 2 }),
        layer.conv(8, 5, 'relu'),
        tfl.layers.maxPooling2d({ poolSize: 2 }),
        layer.conv(8, 5, 'relu'),
        tfl.layers.upSampling2d({ size: [2, 2] }),
        layer.conv(16, 5, 'relu'),
        tfl.layers.upSampling2d({ size: [2, 2] }),
        layer.conv(shape[2], 5, 'sigmoid'),
      ],
    });
    return { model, companions: {} };
  },
  trainer({ model }) {
    const optimizer = adam();
    return (x, y) => minimise(optimizer, () => binaryCrossEntropy(y, run(model, x)), model);
  },
};
