import * as tf from '@tensorflow/tfjs-core';
import { tidyAsync } from '../tensors/scope.js';
import type { LoadedVictim } from '../victims/loaded-victim.js';
import type { FeatureBlock, Yardstick } from './yardstick.js';

/** The yardstick between images [n·d] and their perturbed selves, and between the images and themselves. */
export async function mutualInformation(
  victim: LoadedVictim,
  yardstick: Yardstick,
  clean: Float32Array,
  perturbed: Float32Array,
) {
  const a = await featureBlock(victim, clean);
  const b = await featureBlock(victim, perturbed);
  return { mi: yardstick.estimate(a, b), self: yardstick.estimate(a, a) };
}

/** What a yardstick looks at, of images [n·d]. */
export async function featureBlock(victim: LoadedVictim, images: Float32Array): Promise<FeatureBlock> {
  const [h, w, c] = victim.traits.inputShape;
  const preactivation = await tidyAsync(
    async () =>
      (await victim.features(tf.tensor4d(images, [images.length / (h * w * c), h, w, c]))).preactivation,
  );
  const data = (await preactivation.data()) as Float32Array;
  const [n, height, width, channels] = preactivation.shape;
  preactivation.dispose();
  return { data, n, positions: height * width, channels };
}
