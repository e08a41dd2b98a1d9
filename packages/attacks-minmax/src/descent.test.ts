import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { BatchRandom, misclassified } from '@gauntlet/api';
import { CountedVictim, newLedger, openEngine } from '@gauntlet/core';
import type { Estimator } from '@gauntlet/mutual-information';
import { linearOracle } from '@gauntlet/testing';
import { minmaxLoop } from './minmax-loop.js';

await openEngine('tfjs:wasm');
const { victim, images, labels, shape } = linearOracle(1);
const clean = [...images];

/** I = −‖δ‖², in the place of mutual information; notes every x_t that it is asked about. */
const noting = (way: number[][]): Estimator => ({
  name: 'squared',
  description: '−‖δ‖²',
  bytesPerSample: () => 0,
  open: async (from) => {
    const x = tf.keep(tf.clone(from.x));
    const estimate = (at: tf.Tensor) => tf.neg(tf.sum(tf.square(tf.sub(at, x)), [1, 2, 3])) as tf.Tensor1D;
    return {
      estimate: async ({ x: at }) => estimate(at),
      async differentiate({ x: at }) {
        way.push([...at.dataSync()]);
        const cotangent = tf.mul(tf.sub(at, x), -2) as tf.Tensor4D;
        return { value: estimate(at), of: 'x', cotangent };
      },
      async train() {},
      keep() {},
      dispose() {},
    };
  },
});

interface Setting {
  sense: 1 | -1;
  alpha: number;
  beta: number;
  initialC: number;
  kappa?: number;
  /** The goal is met from the beginning. */
  met?: boolean;
}

async function run({ met = false, ...setting }: Setting) {
  const label = met ? 1 - labels[0] : labels[0];
  const goal = () => misclassified(Int32Array.of(label));
  const way: number[][] = [];
  const x = tf.tensor4d(images, [1, ...shape]);
  const options = { epsilon: 0.3, iterations: 4, mineSteps: 0, initialRadius: 0.01, keepImproving: true };
  const { perturbed } = await minmaxLoop({
    ...setting,
    ...options,
    victim: new CountedVictim(victim, newLedger(1)),
    x,
    random: new BatchRandom(1, 'descent', [0]),
    goal,
    estimator: noting(way),
  });
  const { gradient, value } = await victim.differentiate(x, (outputs) => goal().value(outputs));
  return { way, kept: [...perturbed.dataSync()], slope: [...gradient.dataSync()], f: value.dataSync()[0] };
}

const deltaOf = (x: readonly number[]) => x.map((value, i) => value - clean[i]);

/** Algorithm 1 for a linear criterion, from δ_1 on. */
function expectedWay(first: number[], slope: number[], f0: number, setting: Setting): number[][] {
  const { alpha, beta, initialC, sense, kappa = 0 } = setting;
  const way = [first];
  let c = initialC;
  for (let t = 1; t <= 4; t++) {
    const delta = deltaOf(way.at(-1)!);
    const positive = Math.max(0, f0 + kappa + delta.reduce((sum, value, i) => sum + value * slope[i], 0));
    if (t > 1) c = Math.max(0, (1 - beta / (t - 1) ** 0.25) * c + beta * positive);
    const step = delta.map((value, i) => alpha * ((positive > 0 ? c * slope[i] : 0) + sense * 2 * value));
    way.push(clean.map((value, i) => value + delta[i] - step[i]));
  }
  return way;
}

describe('the loop of MinMax', () => {
  const settings: [string, Setting][] = [
    ['keeps the similarity high', { sense: 1, alpha: 0.05, beta: 1e-4, initialC: 1e-4 }],
    ['makes it low', { sense: -1, alpha: 0.05, beta: 1e-4, initialC: 1e-4 }],
    ['moves c by the fourth root of t', { sense: 1, alpha: 1e-6, beta: 0.5, initialC: 20 }],
    ['asks for a margin of κ', { sense: 1, alpha: 1e-5, beta: 0.2, initialC: 1, kappa: 30, met: true }],
    ['leaves f alone where the goal is met', { sense: 1, alpha: 0.05, beta: 0.1, initialC: 1, met: true }],
  ];
  it.each(settings)('%s', async (_, setting) => {
    const { way, slope, f } = await run(setting);
    const expected = expectedWay(way[0], slope, f, setting);
    expect(way).toHaveLength(5);
    way.forEach((x, t) =>
      x.forEach((value, i) => expect(Math.abs(value - expected[t][i])).toBeLessThan(2e-6)),
    );
  });

  it.each([1, -1] as const)('keeps the success that serves best (s = %d)', async (sense) => {
    const { way, kept } = await run({ sense, alpha: 0.05, beta: 0.1, initialC: 1, met: true });
    const lengths = way.map((x) => Math.hypot(...deltaOf(x)));
    const best = sense === 1 ? Math.min(...lengths) : Math.max(...lengths);
    expect(Math.hypot(...deltaOf(kept))).toBeCloseTo(best, 6);
    expect(Math.max(...lengths) - Math.min(...lengths)).toBeGreaterThan(1e-3);
  });
});
