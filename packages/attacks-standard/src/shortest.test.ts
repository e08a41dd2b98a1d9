import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { openEngine } from '@gauntlet/core';
import { linearOracle, type LinearOracle } from '@gauntlet/testing';
import { call } from '../../testing/src/call-attack.js';
import { carliniWagner, deepfool, hopSkipJump } from './index.js';

beforeAll(async () => {
  await openEngine('tfjs:wasm');
});

type Attack = typeof deepfool;

const perturbed = async (oracle: LinearOracle, attack: Attack, params: Record<string, unknown>) =>
  (await call({ attack, params: () => undefined }, oracle, params)).perturbed;

/** Lengths of what an attack without an epsilon returns, as multiples of the shortest that there is. */
async function excess(attack: Attack, norm: 'l2' | 'linf', params: Record<string, unknown>) {
  const oracle = linearOracle(6);
  const images = await perturbed(oracle, attack, params);
  const size = images.length / 6;
  return [...oracle.labels.keys()].map((i) => {
    const delta = [...images.subarray(i * size, (i + 1) * size)].map(
      (v, k) => v - oracle.images[i * size + k]!,
    );
    const length = norm === 'l2' ? Math.hypot(...delta) : Math.max(...delta.map(Math.abs));
    return length / oracle.optimum(i, norm);
  });
}

describe('on a linear model', () => {
  it.each(['l2', 'linf'] as const)('DeepFool goes to the boundary and by η beyond it (%s)', async (norm) => {
    for (const overshoot of [0.02, 0.5])
      for (const share of await excess(deepfool, norm, { norm, overshoot })) {
        expect(share / (1 + overshoot)).toBeGreaterThan(0.9999);
        expect(share / (1 + overshoot)).toBeLessThan(1.05);
      }
  });

  it('Carlini and Wagner end near the shortest perturbation', async () => {
    const params = { searches: 8, steps: 300, stepSize: 0.002, initialConstant: 0.1 };
    for (const share of await excess(carliniWagner, 'l2', params)) {
      expect(share).toBeGreaterThan(0.999);
      expect(share).toBeLessThan(1.03);
    }
  });

  it.each(['l2', 'linf'] as const)('HopSkipJump ends near it by labels alone (%s)', async (norm) => {
    for (const share of await excess(hopSkipJump, norm, { norm, queries: 5000 })) {
      expect(share).toBeGreaterThan(0.999);
      expect(share).toBeLessThan(1.1);
    }
  });
});

it('HopSkipJump sees nothing of the victim but its labels', async () => {
  const oracle = linearOracle(4, { classes: 3 });
  const asked = { queries: 400 };
  const labelsOnly = new Proxy(oracle.victim, {
    get(victim, name) {
      if (name === 'differentiate') throw new Error('it asks for a gradient');
      if (name !== 'predict') return Reflect.get(victim, name, victim) as unknown;
      return async (x: tf.Tensor4D) => {
        const { logits } = await victim.predict(x);
        return { logits: tf.cast(tf.oneHot(tf.argMax(logits, 1), 3), 'float32') };
      };
    },
  });
  expect(await perturbed({ ...oracle, victim: labelsOnly }, hopSkipJump, asked)).toEqual(
    await perturbed(oracle, hopSkipJump, asked),
  );
});
