// A model that was never saved: built here, attacked in worker processes.
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import '@tensorflow/tfjs-backend-cpu';
import { classifier, fgsm, noise } from '@gauntlet/vitest';
import { expect, test } from 'vitest';

/** Is the left half of a 4×4 image brighter, or the right one? Two weights decide. */
function brighterHalf(): tfl.LayersModel {
  const model = tfl.sequential();
  model.add(tfl.layers.flatten({ inputShape: [4, 4, 1] }));
  model.add(tfl.layers.dense({ units: 2, useBias: false, name: 'halves' }));
  const weights = Array.from({ length: 16 }, (_, i) => (i % 4 < 2 ? [1, 0] : [0, 1]));
  model.getLayer('halves').setWeights([tf.tensor2d(weights)]);
  return model;
}

/** n images, one half 0.7, the other 0.3. */
const images = (n: number) =>
  tf.tensor4d(
    Float32Array.from({ length: 16 * n }, (_, i) =>
      i % 4 < 2 === (Math.floor(i / 16) % 2 === 0) ? 0.7 : 0.3,
    ),
    [n, 4, 4, 1],
  );

const on = { images: images(20), labels: Array.from({ length: 20 }, (_, i) => i % 2) };

test('a linear model holds up to the distance of its classes, and not beyond', async () => {
  const victim = classifier(brighterHalf(), { bounds: [0, 1] });
  await expect(victim).toWithstand(fgsm({ epsilon: 0.19 }), { on });
  await expect(victim).toHaveAttackSuccessRate(fgsm({ epsilon: 0.21 }), { on, min: 1 });
  await expect(victim).toWithstand(noise({ epsilon: 0.21 }), { on });
});
