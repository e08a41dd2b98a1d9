import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { Stream } from '@gauntlet/api';
import { type LoadedVictim, openVictim, type VictimConfig } from '@gauntlet/core';
import { estimateOnce, type Estimator, mine, similarityOf, type View } from '@gauntlet/mutual-information';
import { syntheticDigits } from '@gauntlet/zoo';
import { digitsModel } from './support/cli.js';

const n = 16;
let victim: LoadedVictim;
let images: tf.Tensor4D;

beforeAll(async () => {
  const config = {
    name: 'digits',
    model: digitsModel,
    kind: 'classifier',
    bounds: [0, 1],
    engine: 'onnx:cpu',
    output: 'auto',
    preprocess: {},
  };
  ({ victim } = await openVictim(config as VictimConfig, [28, 28, 1]));
  const source = syntheticDigits(n, 1);
  const pixels = Float32Array.from(
    { length: n * 784 },
    (_, i) => source.pixels(Math.floor(i / 784))[i % 784] / 255,
  );
  images = tf.tensor4d(pixels, [n, 28, 28, 1]);
});

const view = async (x: tf.Tensor4D): Promise<View> => ({ x, ...(await victim.features(x)) });
const streams = (count: number) => Array.from({ length: count }, (_, i) => new Stream('mi', i));
const mean = (values: ArrayLike<number>) => Array.from(values).reduce((a, b) => a + b, 0) / values.length;
/** The images, each in the place of its neighbour. */
const others = () =>
  tf.concat([
    tf.slice(images, [1, 0, 0, 0], [n - 1, -1, -1, -1]),
    tf.slice(images, [0, 0, 0, 0], [1, -1, -1, -1]),
  ]);

describe('what the estimates measure', () => {
  /** Mean estimate of an image with itself and with an unrelated one, and how often the first is larger. */
  async function selfAgainstOther(estimator: Estimator, steps: number) {
    const clean = await view(images);
    const self = await (await estimateOnce(estimator, clean, clean, streams(n), steps, victim.graphs)).data();
    const other = await (
      await estimateOnce(estimator, clean, await view(others()), streams(n), steps, victim.graphs)
    ).data();
    return {
      self: mean(self),
      other: mean(other),
      wins: mean(Array.from(self, (value, i) => (value > other[i] ? 1 : 0))),
    };
  }

  it('feature maps as samples cannot tell an image from an unrelated one: both share the filter index', async () => {
    const { self, other, wins } = await selfAgainstOther(
      mine({ network: 'fast', sampling: 'conv', marginals: 'all-pairs' }),
      200,
    );
    // Not an aim, but what the paper's sampling does; see docs/concepts/mutual-information.md.
    expect(self).toBeGreaterThan(1);
    expect(other / self).toBeGreaterThan(0.9);
    expect(wins).toBeGreaterThan(0.25);
    expect(wins).toBeLessThan(0.75);
  });

  it('positions as samples can', async () => {
    const { self, other, wins } = await selfAgainstOther(mine({ network: 'positions' }), 100);
    expect(other / self).toBeLessThan(0.5);
    expect(wins).toBeGreaterThan(0.95);
  });

  it('the Gaussian estimate can, without training', async () => {
    const { self, other, wins } = await selfAgainstOther(similarityOf({ similarity: 'gaussian' }), 0);
    expect(other / self).toBeLessThan(0.15);
    expect(wins).toBe(1);
  });

  it('random-sampling measures the cosine alone', async () => {
    const estimator = mine({ network: 'fast', sampling: 'random-sampling' });
    const clean = await view(images);
    const brighter = await view(tf.mul(images, 0.5));
    const same = await (await estimateOnce(estimator, clean, clean, streams(n), 20, victim.graphs)).data();
    const scaled = await (
      await estimateOnce(estimator, clean, brighter, streams(n), 20, victim.graphs)
    ).data();
    same.forEach((value, i) => expect(scaled[i]).toBeCloseTo(value, 3));
  });
});

// Over six starts the fast network's curve lay 1.36 to 1.46 times as high as the paper's; a single start scatters between
// 1.1 and 1.9, so that this one start can show no more than the order of magnitude and the direction.
it('the fast network rises like the paper’s over 30 training steps', async () => {
  const count = 2;
  const crop = (t: tf.Tensor4D) => tf.slice(t, [0, 6, 6, 0], [count, 14, 14, -1]);
  const cropped = ({ x, features, preactivation }: View): View => ({
    x: tf.slice(x, [0, 0, 0, 0], [count, -1, -1, -1]),
    features: crop(features),
    preactivation: crop(preactivation),
  });
  const clean = cropped(await view(images));
  const noise = new Stream('start');
  const delta = tf.tensor4d(
    Float32Array.from({ length: images.size }, () => noise.uniform(-0.086, 0.086)),
    images.shape,
  );
  const perturbed = cropped(await view(tf.clipByValue(tf.add(images, delta), 0, 1)));
  const curve = async (network: 'fast' | 'paper') => {
    const session = await mine({ network, sampling: 'conv' }).open(clean, streams(count), victim.graphs);
    const points: number[] = [];
    for (let point = 0; point < 3; point++) {
      await session.train(perturbed, 10);
      const draws: number[] = [];
      // One permutation of 16 rows is a noisy estimate; the mean of many is not.
      for (let i = 0; i < 10; i++) draws.push(mean(await (await session.estimate(perturbed)).data()));
      points.push(mean(draws));
    }
    session.dispose();
    return points;
  };
  const [fast, paper] = [await curve('fast'), await curve('paper')];
  paper.forEach((value, i) =>
    expect(Math.abs(fast[i] / value - 1), `${fast.join(' ')} against ${paper.join(' ')}`).toBeLessThan(0.9),
  );
  for (const curve of [fast, paper]) expect(curve).toEqual([...curve].sort((a, b) => a - b));
});
