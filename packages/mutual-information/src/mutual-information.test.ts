import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { Stream } from '@gauntlet/api';
import { openEngine } from '@gauntlet/core';
import {
  estimateOnce,
  type Estimator,
  gaussian,
  gaussianBatch,
  mine,
  ridge,
  similarityOf,
  type View,
} from '@gauntlet/mutual-information';
import { normalTensor, streamsFor, viewOf } from './views.test-support.js';

beforeAll(async () => {
  await openEngine('tfjs:wasm');
});

/** Pairs of images whose values at matching positions are normal with correlation ρ: I = −½ log(1 − ρ²) a position. */
function correlated(rho: number, side: number, n = 1): [View, View] {
  const u = normalTensor('u', [n, side, side, 1]);
  const noise = normalTensor('noise', [n, side, side, 1]);
  const v: tf.Tensor4D = tf.add(tf.mul(u, rho), tf.mul(noise, Math.sqrt(1 - rho * rho)));
  // MINE on positions looks at features after the activation; here both are the same numbers.
  const plain = (x: tf.Tensor4D): View => ({ x, features: tf.clone(x), preactivation: tf.clone(x) });
  return [plain(u), plain(v)];
}

describe('known answers: correlated Gaussians', () => {
  for (const rho of [0, 0.5, 0.9]) {
    const truth = -0.5 * Math.log(1 - rho * rho);
    const withRidge = -0.5 * Math.log(1 - (rho / (1 + ridge)) ** 2);

    it(`MINE on positions finds −½ log(1 − ρ²) for ρ = ${rho} to 0.1 nats`, async () => {
      const [clean, perturbed] = correlated(rho, 48);
      const value = await estimateOnce(mine({ network: 'positions' }), clean, perturbed, streamsFor(1), 200);
      expect(Math.abs((await value.data())[0] - truth)).toBeLessThan(0.1);
    });

    it(`the Gaussian estimate finds it (with λ on both variances) for ρ = ${rho} to 0.03 nats`, async () => {
      const [clean, perturbed] = correlated(rho, 48);
      const session = await gaussian.open(clean, streamsFor(1));
      expect(Math.abs((await (await session.estimate(perturbed)).data())[0] - withRidge)).toBeLessThan(0.03);
    });
  }
});

describe('gradients', () => {
  const cases: [string, Estimator][] = [
    ['gaussian', gaussian],
    ['fast', mine({ network: 'fast', sampling: 'conv' })],
    ['fast, all pairs', mine({ network: 'fast', sampling: 'conv', marginals: 'all-pairs' })],
    ['fast, random-sampling', mine({ network: 'fast', sampling: 'random-sampling' })],
    ['positions', mine({ network: 'positions' })],
    ['paper', mine({ network: 'paper', sampling: 'conv' })],
  ];
  for (const [name, estimator] of cases) {
    it(`${name}: agrees with differences`, async () => {
      const shape: [number, number, number, number] = [2, 5, 5, 4];
      const clean = viewOf(normalTensor('clean', shape));
      const features: tf.Tensor4D = tf.add(clean.preactivation, tf.mul(normalTensor('delta', shape), 0.3));
      const perturbed = { ...viewOf(features), x: normalTensor('image', [2, 5, 5, 1]) };
      // The same permutation for every evaluation: sessions of equal streams, the same training.
      const trainedSession = async () => {
        const session = await estimator.open(clean, streamsFor(2));
        await session.train(perturbed, 10);
        return session;
      };
      const session = await trainedSession();
      const { of, cotangent, value } = await session.differentiate(perturbed);
      const part = perturbed[of];
      const direction = normalTensor('direction', part.shape as typeof shape);
      const along = await tf.sum(tf.reshape(tf.mul(cotangent, direction), [2, -1]), 1).data();
      // Small against the distance to the relu's kinks, large against float32's rounding.
      const step = 3e-4;
      const at = async (factor: number) => {
        const moved = { ...perturbed, [of]: tf.add(part, tf.mul(direction, factor)) } as View;
        return (await (await trainedSession()).estimate(moved)).data();
      };
      const [up, middle, down] = [await at(step), await at(0), await at(-step)];
      for (const i of [0, 1]) {
        // A kink within a step spoils the difference on its side, and the central one with it.
        const differences = [(up[i] - down[i]) / 2, up[i] - middle[i], middle[i] - down[i]];
        const errors = differences.map(
          (d) => Math.abs(along[i] - d / step) / Math.max(Math.abs(d / step), 0.05),
        );
        expect(Math.min(...errors)).toBeLessThan(0.05);
      }
      expect((await value.data()).every(Number.isFinite)).toBe(true);
    });
  }
});

describe('the Gaussian estimate', () => {
  const block = (data: Float32Array, positions: number, channels: number) => ({
    data,
    n: 1,
    positions,
    channels,
  });
  const random = (length: number) => {
    const stream = new Stream('block', length);
    return Float32Array.from({ length }, () => stream.normal());
  };

  it('is 0 for a constant image, and finite next to one', () => {
    const constant = block(new Float32Array(50).fill(3), 10, 5);
    expect(gaussianBatch(constant, constant)[0]).toBe(0);
    const [value] = gaussianBatch(block(random(50), 10, 5), constant);
    expect(value).toBe(0);
  });

  it('is finite and positive with one channel, and with fewer positions than channels', () => {
    for (const [positions, channels] of [
      [100, 1],
      [4, 16],
      [1, 3],
    ]) {
      const x = block(random(positions * channels), positions, channels);
      const [value] = gaussianBatch(x, x);
      expect(Number.isFinite(value)).toBe(true);
      expect(value).toBeGreaterThanOrEqual(0);
    }
  });

  it('does not see a rotation of the channels', () => {
    const x = random(200);
    const y = x.map((value, i) => value + 0.3 * random(200)[(i * 7) % 200]);
    const turn = (values: Float32Array) =>
      values.map((_, i) => {
        const [a, b] = [values[i - (i % 2)], values[i - (i % 2) + 1]];
        return i % 2 === 0 ? 0.6 * a - 0.8 * b : 0.8 * a + 0.6 * b;
      });
    const [straight] = gaussianBatch(block(x, 100, 2), block(y, 100, 2));
    const [turned] = gaussianBatch(block(turn(x), 100, 2), block(turn(y), 100, 2));
    expect(turned).toBeCloseTo(straight, 4);
  });
});

describe('sessions', () => {
  for (const [similarity, sampling] of [
    ['gaussian', 'conv'],
    ['fast', 'conv'],
    ['fast', 'random-sampling'],
    ['positions', 'conv'],
    ['paper', 'conv'],
  ] as const) {
    it(`${similarity}, ${sampling}: a batch of one gives what a batch of many gives, samples may leave, nothing leaks`, async () => {
      const estimator = similarityOf({ similarity, sampling });
      const clean = viewOf(normalTensor('clean', [3, 6, 6, 16]));
      const perturbed = viewOf(
        tf.add(clean.preactivation, tf.mul(normalTensor('noise', [3, 6, 6, 16]), 0.2)),
      );
      const rows = (view: View, row: number): View => ({
        x: tf.slice(view.x, [row, 0, 0, 0], [1, -1, -1, -1]),
        features: tf.slice(view.features, [row, 0, 0, 0], [1, -1, -1, -1]),
        preactivation: tf.slice(view.preactivation, [row, 0, 0, 0], [1, -1, -1, -1]),
      });
      const before = tf.memory().numTensors;
      const whole = await estimator.open(clean, streamsFor(3));
      await whole.train(perturbed, 5);
      const all = await whole.estimate(perturbed);
      whole.keep([2]);
      const left = rows(perturbed, 2);
      await whole.train(left, 2);
      const kept = await whole.estimate(left);
      whole.dispose();

      const single = rows(clean, 2);
      const alone = await estimator.open(single, [streamsFor(3)[2]]);
      await alone.train(left, 5);
      const first = await alone.estimate(left);
      await alone.train(left, 2);
      const second = await alone.estimate(left);
      alone.dispose();
      expect((await first.data())[0]).toBe((await all.data())[2]);
      expect((await second.data())[0]).toBe((await kept.data())[0]);
      tf.dispose([all, kept, first, second, ...Object.values(left), ...Object.values(single)] as tf.Tensor[]);
      expect(tf.memory().numTensors).toBe(before);
    });
  }

  it('all pairs are refused where they would not fit, with the way out', async () => {
    const clean = viewOf(normalTensor('many', [1, 20, 20, 2]));
    const estimator = mine({ network: 'positions', marginals: 'all-pairs' });
    await expect(estimator.open(clean, streamsFor(1))).rejects.toThrow(/marginals: shuffle/);
  });

  it('all pairs cannot exceed log K', async () => {
    const clean = viewOf(normalTensor('bound', [2, 6, 6, 16]));
    const value = await estimateOnce(
      mine({ network: 'fast', sampling: 'conv', marginals: 'all-pairs', learningRate: 1e-3 }),
      clean,
      clean,
      streamsFor(2),
      150,
    );
    const values = await value.data();
    expect(Math.max(...values)).toBeLessThanOrEqual(Math.log(16) + 1e-5);
    expect(Math.min(...values)).toBeGreaterThan(1);
  });
});
