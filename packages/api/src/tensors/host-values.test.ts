import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { tensorOf, valuesOf } from '@gauntlet/api';
import { openEngine } from '@gauntlet/core';

it('gives the numbers that a tensor was made of, of its clones too, and reads those of any other', async () => {
  await openEngine('tfjs:wasm');
  const numbers = Float32Array.of(1, 2, 3, 4);
  const tensor = tensorOf<tf.Rank.R2>(numbers, [2, 2]);
  expect(await valuesOf(tensor)).toBe(numbers);
  expect(await valuesOf(tf.clone(tensor))).toBe(numbers);
  expect(await tensor.data()).toEqual(numbers);
  expect(await valuesOf(tf.add(tensor, 1))).toEqual(Float32Array.of(2, 3, 4, 5));
});
