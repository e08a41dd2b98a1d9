import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { openEngine } from '@gauntlet/core';
import type { View } from '@gauntlet/mutual-information';
import { negatedDistance } from './distance.js';

await openEngine('tfjs:wasm');

/** Two samples of two values, moved by (0.3, 0.4) and (0, −0.7). */
const clean = tf.keep(tf.tensor4d([0.1, 0.2, 0.9, 0.8], [2, 1, 2, 1]));
const perturbed = tf.keep(tf.tensor4d([0.4, 0.6, 0.9, 0.1], [2, 1, 2, 1]));
const viewOf = (x: tf.Tensor4D) => ({ x }) as unknown as View;

it.each([
  ['norm', [-0.5, -0.7], [-0.6, -0.8, 0, 1]],
  ['squared', [-0.25, -0.49], [-0.6, -0.8, 0, 1.4]],
] as const)('the negated distance and its gradient (%s)', async (name, values, gradient) => {
  const session = await negatedDistance(name).open(viewOf(clean), [], undefined);
  const { value, of, cotangent } = await session.differentiate(viewOf(perturbed));
  expect(of).toBe('x');
  (await value.data()).forEach((one, i) => expect(one).toBeCloseTo(values[i], 6));
  (await cotangent.data()).forEach((one, i) => expect(one).toBeCloseTo(gradient[i], 5));
  session.dispose();
});

it('has no direction at the input itself', async () => {
  const session = await negatedDistance('norm').open(viewOf(clean), [], undefined);
  const { cotangent } = await session.differentiate(viewOf(clean));
  expect([...(await cotangent.data())].every((one) => Math.abs(one) === 0)).toBe(true);
  session.dispose();
});

it('goes on with the samples that are left, trains nothing, holds nothing and leaves nothing open', async () => {
  const before = tf.memory().numTensors;
  const distance = negatedDistance('norm');
  expect(distance.bytesPerSample([8, 8, 1])).toBe(0);
  const session = await distance.open(viewOf(clean), [], undefined);
  await session.train(viewOf(perturbed), 9);
  session.keep([1]);
  const left = tf.slice(perturbed, [1, 0, 0, 0], [1, -1, -1, -1]);
  const value = await session.estimate(viewOf(left));
  expect((await value.data())[0]).toBeCloseTo(-0.7, 6);
  tf.dispose([left, value]);
  session.dispose();
  expect(tf.memory().numTensors).toBe(before);
});

it('says which distance it is', () => {
  expect(negatedDistance('norm').description).not.toBe(negatedDistance('squared').description);
});
