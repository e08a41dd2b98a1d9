import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { BatchRandom, exactSign, type NormName, norms, stayInside, tensorOf } from '@gauntlet/api';
import { openEngine } from '@gauntlet/core';

beforeAll(async () => {
  await openEngine('tfjs:wasm');
});

const random = new BatchRandom(1, 'norms', [0, 1, 2, 3]);
const delta = () => random.tensor('delta', [5, 5, 1], (stream) => stream.normal()) as tf.Tensor4D;

/** The definition, without any trick. */
const lengths: Record<NormName, (row: number[]) => number> = {
  linf: (row) => Math.max(...row.map(Math.abs)),
  l2: (row) => Math.hypot(...row),
  l1: (row) => row.reduce((sum, value) => sum + Math.abs(value), 0),
};

async function rows(x: tf.Tensor): Promise<number[][]> {
  return (await tf.reshape(x, [x.shape[0], -1]).array()) as number[][];
}

for (const name of ['linf', 'l2', 'l1'] as const) {
  describe(name, () => {
    it('measures length', async () => {
      const x = delta();
      const expected = (await rows(x)).map(lengths[name]);
      (await norms[name].length(x).data()).forEach((length, i) => expect(length).toBeCloseTo(expected[i], 4));
    });

    it('projects onto the ball, leaves what is inside, and finds the nearest point', async () => {
      const x = delta();
      const outside = await rows(norms[name].project(x, 1));
      outside.forEach((row) => expect(lengths[name](row)).toBeCloseTo(1, 4));
      const [inside, same] = [await rows(x), await rows(norms[name].project(x, 100))];
      same.flat().forEach((value, i) => expect(value).toBeCloseTo(inside.flat()[i], 5));
      // No random point of the ball is nearer (in Euclidean distance) than the projection.
      const start = await rows(norms[name].randomStart(random, [5, 5, 1], 1));
      const distance = (a: number[], b: number[]) => Math.hypot(...a.map((value, i) => value - b[i]));
      inside.forEach((row, i) =>
        expect(distance(row, outside[i])).toBeLessThanOrEqual(distance(row, start[i]) + 1e-5),
      );
    });

    it('gives a direction of length 1 that ascends, also for gradients near the smallest float', async () => {
      for (const scale of [1, 1e-30]) {
        const gradient: tf.Tensor4D = tf.mul(delta(), scale);
        const direction = norms[name].direction(gradient);
        (await rows(direction)).forEach((row) => expect(lengths[name](row)).toBeCloseTo(1, 4));
        const ascent = tf.sum(tf.reshape(tf.mul(direction, tf.div(gradient, scale)), [4, -1]), 1);
        (await ascent.data()).forEach((value) => expect(value).toBeGreaterThan(0));
      }
    });

    it('gives no direction for a zero gradient', async () => {
      const direction = await rows(norms[name].direction(tf.zeros([2, 3, 3, 1])));
      expect(direction.flat().every((value) => value === 0)).toBe(true);
    });

    it('starts inside the ball', async () => {
      const start = await rows(norms[name].randomStart(random, [5, 5, 1], 0.3));
      start.forEach((row) => expect(lengths[name](row)).toBeLessThanOrEqual(0.3 + 1e-6));
    });
  });
}

it('keeps what is no number, so that whoever looks next can see it', async () => {
  const lost = (x: tf.Tensor) => [...x.dataSync()].map(Number.isNaN);
  for (const backend of ['tfjs:wasm', 'tfjs:cpu'] as const) {
    await openEngine(backend);
    const x = tf.tensor4d([NaN, 0.5, -2, 0], [1, 2, 2, 1]);
    expect(lost(exactSign(x))).toEqual([true, false, false, false]);
    for (const name of ['linf', 'l2', 'l1'] as const) {
      expect(lost(norms[name].project(x, 0.1))[0]).toBe(true);
      expect(lost(norms[name].direction(x))[0]).toBe(true);
      expect(lost(stayInside(tf.zerosLike(x), x, norms[name], 0.1, [0, 1]))[0]).toBe(true);
    }
    const edges = Float32Array.of(Infinity, -Infinity, 1e-38, -0, -1e-45, NaN);
    // An engine's numbers on the host take another way than those of a backend.
    for (const made of [tf.tensor1d(edges), tensorOf<tf.Rank.R1>(edges, [6])])
      expect([...exactSign(made).dataSync()]).toEqual([1, -1, 1, 0, -1, NaN]);
  }
});
