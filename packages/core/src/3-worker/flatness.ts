import { type Criterion, flatRows, objectiveOf, tidyAsync, type VictimOutputs, tf } from '@gauntlet/api';
import type { LoadedVictim } from '../victims/loaded-victim.js';

/**
 * 1 for samples at which a criterion has a gradient of exactly zero: a gradient attack can learn nothing there, whatever
 * it does, and that it fails says nothing about the victim. images [n·d], the criterion is that of these n samples.
 */
export async function findFlat(
  victim: LoadedVictim,
  images: Float32Array,
  criterion: Criterion<VictimOutputs>,
): Promise<Uint8Array> {
  const [h, w, c] = victim.traits.inputShape;
  const largest = await tidyAsync(async () => {
    const x = tf.tensor4d(images, [images.length / (h * w * c), h, w, c]);
    const { gradient } = await victim.differentiate(x, objectiveOf(criterion));
    return tf.max(tf.abs(flatRows(gradient)), 1);
  });
  const sizes = await largest.data();
  largest.dispose();
  return Uint8Array.from(sizes, (size) => (size === 0 ? 1 : 0));
}
