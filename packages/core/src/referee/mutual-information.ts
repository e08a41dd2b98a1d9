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
  const [h, w, c] = victim.traits.inputShape;
  const block = (images: Float32Array) =>
    tidyAsync(async () => featureBlock(victim, tf.tensor4d(images, [images.length / (h * w * c), h, w, c])));
  const [a, b] = [await block(clean), await block(perturbed)];
  return { mi: yardstick.estimate(a, b), self: yardstick.estimate(a, a) };
}

/** What a yardstick looks at, of images [n,h,w,c]. */
export async function featureBlock(victim: LoadedVictim, images: tf.Tensor4D): Promise<FeatureBlock> {
  const preactivation = await tidyAsync(async () => (await victim.features(images)).preactivation);
  const data = (await preactivation.data()) as Float32Array;
  const [n, height, width, channels] = preactivation.shape;
  preactivation.dispose();
  return { data, n, positions: height * width, channels };
}
