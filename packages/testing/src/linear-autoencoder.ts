import { Stream, tf } from '@gauntlet/api';
import { LoadedVictim } from '@gauntlet/core';
import { functionModel } from './function-model.js';
import type { LinearOracle } from './linear-victim.js';

/** The autoencoder exaggerates contrast; a factor far from 1 makes its loss as steep as that of trained networks. */
const gain = 2;

/**
 * Φ(x) = ½ + 2 (x − ½) for images in [0.2, 0.8]: a perturbation is reconstructed no worse exactly where it lies in the
 * ball of radius ‖r‖/2 around r/2, r = −(x − ½). The clean image is on the ball's surface, so every epsilon is enough.
 */
export function linearAutoencoder(
  n: number,
  { shape = [6, 6, 1] as [number, number, number] } = {},
): LinearOracle {
  const size = shape[0] * shape[1] * shape[2];
  const stream = new Stream('linear-autoencoder', n, size);
  const model = functionModel(shape, (x) => ({ output: tf.add(tf.mul(tf.sub(x, 0.5), gain), 0.5) }));
  return {
    victim: new LoadedVictim(model, shape, {
      kind: 'autoencoder',
      inputShape: shape,
      bounds: [0, 1],
      classes: 0,
      outputScale: 'reconstruction',
      preprocess: {},
    }),
    shape,
    classes: 0,
    images: Float32Array.from({ length: n * size }, () => stream.uniform(0.2, 0.8)),
    labels: new Int32Array(n),
    optimum: () => 0.05,
  };
}
