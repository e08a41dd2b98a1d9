import { tf } from '@gauntlet/api';
import * as tfl from '@tensorflow/tfjs-layers';
import { seededLayers } from '../autoencoders/layers.js';
import type { Recipe } from '../recipe.js';
import { crossEntropy } from '../training/losses.js';
import { minimise, run } from '../training/minimise.js';

/** Pairs of 3×3 convolutions with pooling after each pair, two dense layers with dropout between, logits. */
const classifier = (name: string, pairs: readonly number[], units: number): Recipe => ({
  name,
  kind: 'classifier',
  reference: `Hsu et al., AAAI 2022: 3×3 convolutions ${pairs.map((filters) => `${filters}, ${filters}`).join(', ')}, dense ${units}, ${units}, SGD 0.01 with Nesterov momentum 0.9`,
  epochs: 50,
  batchSize: 128,
  build(shape, seed, classes) {
    const layer = seededLayers(seed);
    const model = tfl.sequential({
      layers: [
        tfl.layers.inputLayer({ inputShape: shape }),
        ...pairs.flatMap((filters) => [
          layer.conv(filters, 3, 'relu', 'valid'),
          layer.conv(filters, 3, 'relu', 'valid'),
          tfl.layers.maxPooling2d({ poolSize: 2 }),
        ]),
        tfl.layers.flatten(),
        layer.dense(units, 'relu'),
        tfl.layers.dropout({ rate: 0.5, seed }),
        layer.dense(units, 'relu'),
        layer.dense(classes, 'linear'),
      ],
    });
    return { model, companions: {} };
  },
  trainer({ model }, seed) {
    const optimizer = tf.train.momentum(0.01, 0.9, true);
    const dropout = model.layers.find((layer) => layer.getClassName() === 'Dropout') as unknown as {
      seed: number;
    };
    let steps = 0;
    return (x, y) => {
      // With one seed TensorFlow.js drops the same units in every batch.
      dropout.seed = seed * 1e6 + ++steps;
      return minimise(optimizer, () => crossEntropy(y, run(model, x)), model);
    };
  },
});

export const mnistClassifier = classifier('mnist-classifier', [32, 64], 200);
export const cifar10Classifier = classifier('cifar10-classifier', [64, 128], 256);
