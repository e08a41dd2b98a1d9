import * as tf from '@tensorflow/tfjs-core';
import { misclassified } from '../attacks/criteria.js';
import { flatRows } from '../tensors/rows.js';
import { tidyAsync } from '../tensors/scope.js';
import type { LoadedVictim } from '../victims/loaded-victim.js';

/**
 * 1 for samples at which the margin z_y − max z_k has a gradient of exactly zero: a gradient attack can learn
 * nothing there, whatever it does, and that it fails says nothing about the victim. images [n·d], labels [n].
 */
export async function findFlat(
  victim: LoadedVictim,
  images: Float32Array,
  labels: Int32Array,
): Promise<Uint8Array> {
  const [h, w, c] = victim.traits.inputShape;
  const largest = await tidyAsync(async () => {
    const x = tf.tensor4d(images, [labels.length, h, w, c]);
    const { gradient } = await victim.differentiate(x, (outputs) => misclassified(labels).value(outputs));
    return tf.max(tf.abs(flatRows(gradient)), 1);
  });
  const sizes = await largest.data();
  largest.dispose();
  return Uint8Array.from(sizes, (size) => (size === 0 ? 1 : 0));
}
