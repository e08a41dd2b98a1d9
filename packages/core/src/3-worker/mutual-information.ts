import {
  type FeatureBlock,
  GauntletError,
  type GraphRunner,
  reasonOf,
  tidyAsync,
  type Yardstick,
  tf,
} from '@gauntlet/api';
import type { LoadedVictim } from '../victims/loaded-victim.js';

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
  const { graphs } = victim;
  return { mi: await estimate(yardstick, a, b, graphs), self: await estimate(yardstick, a, a, graphs) };
}

/** @throws GauntletError `estimator` if the estimator gives anything but a number for each sample */
export async function estimate(
  yardstick: Yardstick,
  clean: FeatureBlock,
  perturbed: FeatureBlock,
  graphs?: GraphRunner,
): Promise<Float64Array> {
  let values: Float64Array;
  try {
    values = await yardstick.estimate(clean, perturbed, graphs);
  } catch (error) {
    throw wrong(yardstick, reasonOf(error), error);
  }
  if (values.length === clean.n && values.every(Number.isFinite)) return values;
  throw wrong(yardstick, `it gave ${Array.from(values).slice(0, 5).join(', ')} for ${clean.n} samples`);
}

const wrong = ({ name }: Yardstick, why: string, cause?: unknown) =>
  new GauntletError('estimator', `mutual information could not be measured (${name}): ${why}`, { cause });

/** What a yardstick looks at, of images [n,h,w,c]. */
export async function featureBlock(victim: LoadedVictim, images: tf.Tensor4D): Promise<FeatureBlock> {
  const { values, shape } = await victim.preactivation(images);
  const [n, height, width, channels] = shape;
  return { data: values, n, positions: height * width, channels };
}
