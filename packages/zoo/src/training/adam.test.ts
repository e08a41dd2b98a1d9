import { tf } from '@gauntlet/api';
import { openTrainingEngine } from '@gauntlet/zoo';
import { beforeAll, describe, expect, it } from 'vitest';
import { starts } from '../../../../test/support/engines.js';
import { adam } from './adam.js';

const engine = 'tfjs:tensorflow';
const native = starts(engine);

/** A line fitted to points by steps of two optimisers that share a slope; values of the variables after each step. */
async function fit(make: (rate: number) => tf.Optimizer) {
  const x = tf.linspace(-1, 1, 20);
  const y = tf.add(tf.mul(x, 3), 1);
  const [slope, offset] = [tf.variable(tf.fill([20], 0.5)), tf.variable(tf.scalar(0))];
  const [both, one] = [make(0.1), make(0.05)];
  const loss = () => tf.mean(tf.square(tf.sub(tf.add(tf.mul(x, slope), offset), y))) as tf.Scalar;
  const seen: number[] = [];
  const tensors: number[] = [];
  for (let step = 0; step < 5; step++) {
    both.minimize(loss, false, [slope, offset]);
    one.minimize(loss, false, [slope]);
    seen.push(...(await slope.data()), ...(await offset.data()));
    tensors.push(tf.memory().numTensors);
  }
  expect(new Set(tensors.slice(1)).size, 'no tensors pile up').toBe(1);
  return seen;
}

describe.skipIf(!native)(`Adam on ${engine}${native ? '' : ' (it was not built)'}`, () => {
  beforeAll(() => openTrainingEngine(engine));

  it('takes the steps of TensorFlow.js’s own, with one operation for a variable', async () => {
    expect(adam(0.1).constructor).not.toBe(tf.AdamOptimizer);
    const [ours, theirs] = [await fit(adam), await fit((rate) => tf.train.adam(rate))];
    expect(theirs[0]).not.toBe(0.5);
    ours.forEach((value, i) => expect(value).toBeCloseTo(theirs[i], 4));
  });
});
