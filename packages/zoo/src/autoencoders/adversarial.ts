// Makhzani, Shlens, Jaitly, Goodfellow, Frey, "Adversarial Autoencoders", 2015: beside the reconstruction, a
// discriminator learns to tell codes from draws of a prior, and the encoder learns to deceive it.
import { tf } from '@gauntlet/api';
import * as tfl from '@tensorflow/tfjs-layers';
import type { Recipe } from '../recipe.js';
import { adam } from '../training/adam.js';
import { logistic, meanSquaredError } from '../training/losses.js';
import { minimise, run } from '../training/minimise.js';
import { dense, seededLayers, sizeOf } from './layers.js';

const hidden = 1000;
const rate = 1e-4;

export interface Codes {
  /** Length of a code; its values are in (0, 1). */
  latent: number;
  /** What codes are to be distributed like: evenly on the cube, or as standard normal values. */
  prior: 'uniform' | 'normal';
}

/** An adversarial autoencoder with other codes than the paper's. */
export const adversarialAutoencoderWith = ({ latent, prior: law }: Codes): Recipe => ({
  name: 'adversarial-autoencoder',
  kind: 'autoencoder',
  reference: `Hsu et al., AAAI 2022: 784–1000–1000–${latent}–1000–1000–784, discriminator 1000–1000–1, Adam 1e-4; the prior is ${law === 'uniform' ? 'uniform on the square' : 'normal'}`,
  epochs: 50,
  batchSize: 100,
  build(shape, seed) {
    const layer = seededLayers(seed);
    const model = dense(shape, [
      layer.dense(hidden, 'relu'),
      layer.dense(hidden, 'relu'),
      layer.dense(latent, 'sigmoid', 'code'),
      layer.dense(hidden, 'relu'),
      layer.dense(hidden, 'relu'),
      layer.dense(sizeOf(shape), 'sigmoid'),
    ]);
    const discriminator = tfl.sequential({
      layers: [
        tfl.layers.inputLayer({ inputShape: [latent] }),
        layer.dense(hidden, 'relu'),
        layer.dense(hidden, 'relu'),
        layer.dense(1, 'linear'),
      ],
    });
    return { model, companions: { discriminator } };
  },
  trainer({ model, companions: { discriminator } }, seed) {
    const encoder = tfl.model({
      inputs: model.inputs,
      outputs: model.getLayer('code').output as tfl.SymbolicTensor,
    });
    const [reconstructing, discriminating, deceiving] = [1, 2, 3].map(() => adam(rate));
    let draws = 0;
    return (x, y) =>
      tf.tidy(() => {
        const loss = minimise(reconstructing, () => meanSquaredError(y, run(model, x)), model);
        const draw = law === 'uniform' ? tf.randomUniform : tf.randomNormal;
        // From 1: a seed of 0 is none to TensorFlow.js's normal values.
        const prior = draw([x.shape[0], latent], 0, 1, 'float32', seed * 1e6 + ++draws);
        const codes = run(encoder, x);
        minimise(
          discriminating,
          () => tf.add(logistic(run(discriminator, prior), 1), logistic(run(discriminator, codes), -1)),
          discriminator,
        );
        minimise(deceiving, () => logistic(run(discriminator, run(encoder, x)), 1), encoder);
        return loss;
      });
  },
});

export const adversarialAutoencoder = adversarialAutoencoderWith({ latent: 2, prior: 'normal' });
