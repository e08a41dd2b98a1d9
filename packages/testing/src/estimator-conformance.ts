import assert from 'node:assert/strict';
import { type EstimatorPlugin, type FeatureBlock, Stream, type Yardstick } from '@gauntlet/api';
import { checkAgainst } from '@gauntlet/core';
import type { ConformanceCase } from './conformance-row.js';

export interface EstimatorConformanceRow {
  estimator: EstimatorPlugin;
  /** Options; defaults are filled in. */
  params?: Record<string, unknown>;
}

const [n, positions, channels] = [4, 49, 3];

/** Features of n images: normal numbers, each image from a stream of its own. */
function features(name: string): FeatureBlock {
  const size = positions * channels;
  const data = new Float32Array(n * size);
  for (let image = 0; image < n; image++) {
    const stream = new Stream(name, image);
    for (let i = 0; i < size; i++) data[image * size + i] = stream.normal();
  }
  return { data, n, positions, channels };
}

const only = ({ data }: FeatureBlock, image: number): FeatureBlock => {
  const size = positions * channels;
  return { data: data.slice(image * size, (image + 1) * size), n: 1, positions, channels };
};

/**
 * The tests that every estimator of the referee's has to pass, for any test runner:
 * `for (const { name, run } of estimatorConformance(row)) it(name, run)`.
 */
export function estimatorConformance({ estimator, params = {} }: EstimatorConformanceRow): ConformanceCase[] {
  const [clean, others] = [features('clean'), features('others')];
  const test = (name: string, run: (yardstick: Yardstick) => Promise<void>) => ({
    name: `${estimator.name}: ${name}`,
    run: async () => {
      const options = structuredClone(params);
      assert.deepEqual(checkAgainst(estimator.params, options), [], 'the parameters are not valid');
      await run(await estimator.open(options));
    },
  });
  return [
    test('gives one finite number per sample, and says how', async (yardstick) => {
      const values = await yardstick.estimate(clean, others);
      assert.equal(values.length, n);
      assert.ok(values.every(Number.isFinite), `the values are ${values.join(', ')}`);
      assert.ok(yardstick.name.length > 0);
    }),
    test('finds more between an image and itself than between it and another', async (yardstick) => {
      const [same, other] = [await yardstick.estimate(clean, clean), await yardstick.estimate(clean, others)];
      same.forEach((value, i) =>
        assert.ok(value > other[i], `sample ${i}: ${value} is not above ${other[i]}`),
      );
    }),
    test('does not depend on the other samples of the batch', async (yardstick) => {
      const whole = await yardstick.estimate(clean, others);
      for (let i = 0; i < n; i++) {
        const [alone] = await yardstick.estimate(only(clean, i), only(others, i));
        assert.ok(Math.abs(alone - whole[i]) <= 1e-6, `sample ${i}: ${alone} alone, ${whole[i]} with others`);
      }
    }),
    test('is finite where features are constant', async (yardstick) => {
      const flat = { ...clean, data: clean.data.map(() => 0.5) };
      for (const values of [await yardstick.estimate(flat, flat), await yardstick.estimate(flat, others)])
        assert.ok(values.every(Number.isFinite), `the values are ${values.join(', ')}`);
    }),
  ];
}
