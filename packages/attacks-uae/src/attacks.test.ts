import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { type Attack, BatchRandom } from '@gauntlet/api';
import { minmaxLoop, type MinMaxLoop } from '@gauntlet/attacks-minmax/loop';
import { checkAgainst, CountedVictim, newLedger, openEngine } from '@gauntlet/core';
import { similarityOf } from '@gauntlet/mutual-information';
import { linearAutoencoder } from '../../testing/src/linear-autoencoder.js';
import { aim } from '../../testing/src/call-attack.js';
import plugins, { contrastive, gaussian, l2Uae, mineUae, nearestOther, viewSimilarity } from './index.js';

await openEngine('tfjs:wasm');
const oracle = linearAutoencoder(2);

async function contextOf(attack: Attack, given: Record<string, unknown>) {
  const params = structuredClone(given);
  expect(checkAgainst(attack.params, params)).toEqual([]);
  const { batch } = await aim(oracle, attack, params);
  const shared = {
    victim: new CountedVictim(oracle.victim, newLedger(2)),
    x: tf.tensor4d(oracle.images, [2, ...oracle.shape]),
    goal: batch.goal,
    random: new BatchRandom(1, 'uae', [0, 1]),
  };
  return { shared, context: { ...shared, params, labels: undefined, goalSource: 'standard' as const } };
}

it('attacks and criteria come with the package; the attacks keep to their epsilon and take a budget', () => {
  expect(plugins).toEqual([mineUae, l2Uae, gaussian, contrastive, viewSimilarity, nearestOther]);
  for (const attack of [mineUae, l2Uae]) {
    expect(attack.usesGradients).toBe(true);
    expect(attack.threat({ epsilon: 0.3 })).toEqual({ norm: 'linf', epsilon: 0.3 });
    expect(attack.within!({ beta: 1, iterations: 40 }, { gradients: 11 })).toEqual({
      beta: 1,
      iterations: 10,
    });
  }
  expect(gaussian.usesGradients).toBe(false);
  expect(gaussian.threat({ sigma: 1 })).toEqual({ norm: 'none', epsilon: 0 });
  expect(mineUae.bytesPerSample!({ similarity: 'fast' }, [8, 8, 1])).toBe(
    similarityOf({ similarity: 'fast' }).bytesPerSample([8, 8, 1]),
  );
});

it.each([
  ['warmed-up', 3],
  ['paper', 0],
] as const)('MINE-UAE is the loop of MinMax towards little information (%s)', async (rule, warmUp) => {
  const given = {
    rule,
    warmUp: 3,
    similarity: 'fast',
    iterations: 2,
    mineSteps: 1,
    initialC: 1,
    initialRadius: 0.05,
  };
  const { shared, context } = await contextOf(mineUae, given);
  const { perturbed, ownEstimate } = await mineUae.perturb(context as never);
  const estimator = similarityOf({ similarity: 'fast' });
  const settings = context.params as unknown as Omit<MinMaxLoop, keyof typeof shared | 'estimator' | 'sense'>;
  const loop = await minmaxLoop({ ...settings, ...shared, warmUp, estimator, sense: -1 });
  expect(await perturbed.data()).toEqual(await loop.perturbed.data());
  expect(ownEstimate).toEqual({ mi: loop.similarity, estimator: estimator.description });
});

it('Gaussian noise has the deviation that was asked for, and stays in the box', async () => {
  const drawn = async (sigma: number) => {
    const { context } = await contextOf(gaussian, { sigma });
    const { perturbed } = await gaussian.perturb(context as never);
    return [...(await perturbed.data())];
  };
  const moved = (await drawn(0.05)).map((value, i) => value - oracle.images[i]);
  const deviation = Math.sqrt(moved.reduce((sum, value) => sum + value ** 2, 0) / moved.length);
  expect(deviation).toBeGreaterThan(0.035);
  expect(deviation).toBeLessThan(0.065);
  expect((await drawn(0)).map((value, i) => value - oracle.images[i])).toEqual(moved.map(() => 0));
  const wild = await drawn(5);
  expect([Math.min(...wild), Math.max(...wild)]).toEqual([0, 1]);
});
