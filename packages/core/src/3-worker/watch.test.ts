import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { standardGoal } from '@gauntlet/api';
import { linearOracle } from '@gauntlet/testing';
import { openEngine } from '../engines/open-engine.js';
import { CountedVictim, newLedger } from '../victims/counted-victim.js';
import { Watch } from './watch.js';

beforeAll(() => openEngine('tfjs:cpu'));

/** An attack on three samples, under a watch, that calls what it is given; samples 7 and 9 are traced. */
async function watched(attack: (victim: CountedVictim, x: tf.Tensor4D) => Promise<void>, epsilon = 0.5) {
  const { victim, images, labels, shape } = linearOracle(3);
  const x = tf.tensor4d(images, [3, ...shape]);
  const ledger = newLedger(3);
  const goal = standardGoal({ kind: 'classifier', labels });
  const threat = { norm: 'linf' as const, epsilon };
  const watch = new Watch({
    victim,
    clean: images,
    indices: [7, 8, 9],
    goal,
    needsFeatures: false,
    threat,
    ledger,
    traced: [7, 9],
  });
  const counted = new CountedVictim(victim, ledger, { watch });
  await attack(counted, x);
  await counted.settle();
  watch.dispose();
  return { watch, costs: [0, 1, 2].map((row) => watch.costOfSuccess(row).forwardsToSuccess) };
}

/** Where the linear victim says the other class. */
const mirrored = (x: tf.Tensor4D) => tf.sub(1, x) as tf.Tensor4D;

describe('Watch', () => {
  it('notes what had been spent when the goal was first met', async () => {
    const { costs } = await watched(async (victim, x) => {
      await victim.predict(x);
      await victim.predict(x);
      await victim.predict(mirrored(x));
      await victim.predict(x);
    });
    expect(costs).toEqual([3, 3, 3]);
  });

  it('takes all that was spent on a sample that was never seen broken', async () => {
    const { costs } = await watched(async (victim, x) => {
      for (let look = 0; look < 4; look++) await victim.predict(x);
    });
    expect(costs).toEqual([4, 4, 4]);
  });

  it('counts no success outside of the threat model', async () => {
    const { costs } = await watched(async (victim, x) => {
      await victim.predict(mirrored(x));
      await victim.predict(x);
    }, 0.001);
    expect(costs).toEqual([2, 2, 2]);
  });

  it('traces the samples it is asked for: what was spent, and the criterion', async () => {
    const { watch } = await watched(async (victim, x) => {
      await victim.predict(x);
      await victim.predict(mirrored(x));
    });
    expect(watch.traces.map(({ index }) => index)).toEqual([7, 9]);
    for (const { forwards, gradients, criterion, mi } of watch.traces) {
      expect([forwards, gradients, mi]).toEqual([[1, 2], [0, 0], undefined]);
      expect(criterion[0]).toBeGreaterThan(0);
      expect(criterion[1]).toBeLessThan(0);
    }
  });

  it('thins a long trace out evenly', async () => {
    const { watch } = await watched(async (victim, x) => {
      for (let look = 0; look < 200; look++) await victim.predict(x);
    });
    const [{ forwards }] = watch.traces;
    expect(forwards.length).toBeLessThanOrEqual(64);
    expect(forwards.length).toBeGreaterThan(32);
    const steps = new Set(forwards.slice(1).map((spent, i) => spent - forwards[i]));
    expect([...steps]).toEqual([4]);
  });
});
