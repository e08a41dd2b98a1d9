import * as tfl from '@tensorflow/tfjs-layers';
import type { Recipe } from '../recipe.js';
import { adam } from '../training/adam.js';
import { crossEntropy } from '../training/losses.js';
import { minimise, run } from '../training/minimise.js';

/** The small classifier of the demo: two convolutions, two dense layers, logits out. */
export const digitsClassifier: Recipe = {
  name: 'digits-classifier',
  kind: 'classifier',
  reference: '3×3 convolutions 16 and 32 with pooling, dense 64, Adam 2e-3',
  epochs: 6,
  batchSize: 64,
  build(shape, seed, classes) {
    const kernelInitializer = (offset: number) => tfl.initializers.heNormal({ seed: seed + offset });
    const model = tfl.sequential({
      name: 'digits_cnn',
      layers: [
        tfl.layers.conv2d({
          name: 'conv_1',
          inputShape: shape,
          filters: 16,
          kernelSize: 3,
          activation: 'relu',
          kernelInitializer: kernelInitializer(1),
        }),
        tfl.layers.maxPooling2d({ name: 'pool_1', poolSize: 2 }),
        tfl.layers.conv2d({
          name: 'conv_2',
          filters: 32,
          kernelSize: 3,
          activation: 'relu',
          kernelInitializer: kernelInitializer(2),
        }),
        tfl.layers.maxPooling2d({ name: 'pool_2', poolSize: 2 }),
        tfl.layers.flatten({ name: 'flatten' }),
        tfl.layers.dense({
          name: 'dense_1',
          units: 64,
          activation: 'relu',
          kernelInitializer: kernelInitializer(3),
        }),
        tfl.layers.dense({ name: 'logits', units: classes, kernelInitializer: kernelInitializer(4) }),
      ],
    });
    return { model, companions: {} };
  },
  trainer({ model }) {
    const optimizer = adam(2e-3);
    return (x, y) => minimise(optimizer, () => crossEntropy(y, run(model, x)), model);
  },
};
