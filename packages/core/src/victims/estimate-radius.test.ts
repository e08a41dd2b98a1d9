import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { openEngine } from '../engines/open-engine.js';
import { eightBits, estimateRadius } from './estimate-radius.js';

beforeAll(() => openEngine('tfjs:cpu'));

const flat = (x: tf.Tensor) => tf.reshape(x, [x.shape[0], -1]) as tf.Tensor2D;
const weights = () => tf.randomNormal([192, 5], 0, 1, 'float32', 3) as tf.Tensor2D;
const smooth = (x: tf.Tensor) => tf.relu(tf.matMul(flat(x), weights()));
/** In steps of 8 bits. */
const radiusOf = async (f: (x: tf.Tensor4D) => tf.Tensor, bounds: [number, number] = [0, 1]) =>
  (await estimateRadius(async (x) => f(x), [8, 8, 3], bounds)) / eightBits;
const rounded = (steps: number) => (x: tf.Tensor) => smooth(tf.div(tf.round(tf.mul(x, steps)), steps));

it('is one step of 8 bits for a smooth model, in every range', async () => {
  expect(await radiusOf(smooth)).toBe(1);
  expect(await radiusOf((x) => smooth(tf.div(x, 255)), [0, 255])).toBe(1);
});

it('grows with the steps of a model that rounds its input', async () => {
  const radii = [];
  for (const steps of [255, 64, 20, 8]) radii.push(await radiusOf(rounded(steps)));
  expect(radii).toEqual([...radii].sort((a, b) => a - b));
  // About half of a step, or more.
  expect(radii[2]).toBeGreaterThanOrEqual(4);
  expect(radii[3]).toBeGreaterThanOrEqual(12);
});

it('is one step of 8 bits where the answers tell of none: constant, random', async () => {
  expect(await radiusOf((x) => tf.zeros([x.shape[0], 5]))).toBe(1);
  let seed = 0;
  expect(await radiusOf((x) => tf.randomNormal([x.shape[0], 5], 0, 1, 'float32', seed++))).toBe(1);
});

it('leaves no tensors', async () => {
  const before = tf.memory().numTensors;
  await estimateRadius(async (x) => tf.zeros([x.shape[0], 5]), [8, 8, 3], [0, 1]);
  expect(tf.memory().numTensors).toBe(before);
});
