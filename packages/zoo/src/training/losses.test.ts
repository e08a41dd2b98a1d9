import { expect, it } from 'vitest';
import { tf } from '@gauntlet/api';
import { openEngine } from '@gauntlet/core';
import { sparsity } from './losses.js';

it('the divergence of activations does not grow with the number of units', async () => {
  await openEngine('tfjs:cpu');
  const value = (activations: number[][]) =>
    tf.tidy(() => sparsity(tf.tensor2d(activations), 0.1).dataSync()[0]);
  // KL(0.1 ‖ 0.5) = 0.1 ln 0.2 + 0.9 ln 1.8
  const one = 0.1 * Math.log(0.2) + 0.9 * Math.log(1.8);
  expect(value([[0.4], [0.6]])).toBeCloseTo(one, 5);
  expect(value([Array(128).fill(0.4), Array(128).fill(0.6)] as number[][])).toBeCloseTo(one, 5);
  expect(value([[0.5, 0.1]])).toBeCloseTo(one / 2, 5);
});
