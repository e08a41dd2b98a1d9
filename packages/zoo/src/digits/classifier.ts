import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';

/** The small classifier of the demo: two convolutions, two dense layers, logits out. */
export function digitsClassifier(seed: number): tfl.Sequential {
  const kernelInitializer = (offset: number) => tfl.initializers.heNormal({ seed: seed + offset });
  const model = tfl.sequential({
    name: 'digits_cnn',
    layers: [
      tfl.layers.conv2d({ name: 'conv_1', inputShape: [28, 28, 1], filters: 16, kernelSize: 3, activation: 'relu', kernelInitializer: kernelInitializer(1) }), // prettier-ignore
      tfl.layers.maxPooling2d({ name: 'pool_1', poolSize: 2 }),
      tfl.layers.conv2d({ name: 'conv_2', filters: 32, kernelSize: 3, activation: 'relu', kernelInitializer: kernelInitializer(2) }), // prettier-ignore
      tfl.layers.maxPooling2d({ name: 'pool_2', poolSize: 2 }),
      tfl.layers.flatten({ name: 'flatten' }),
      tfl.layers.dense({
        name: 'dense_1',
        units: 64,
        activation: 'relu',
        kernelInitializer: kernelInitializer(3),
      }),
      tfl.layers.dense({ name: 'logits', units: 10, kernelInitializer: kernelInitializer(4) }),
    ],
  });
  model.compile({ optimizer: tf.train.adam(2e-3), loss: crossEntropy });
  return model;
}

function crossEntropy(labels: tf.Tensor, logits: tf.Tensor): tf.Tensor {
  return tf.tidy(() => tf.mean(tf.sub(tf.logSumExp(logits, 1), tf.sum(tf.mul(labels, logits), 1))));
}
