import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { linearAutoencoder, linearOracle } from '@gauntlet/testing';
import { openEngine } from '../engines/open-engine.js';
import type { LoadedVictim } from '../victims/loaded-victim.js';
import type { ThreatModel } from '@gauntlet/api';
import { assess, type Returned } from './assess.js';
import { judgeClean } from './judge.js';
import type { Batch } from './seen.js';
import { roundToBytes } from './measure.js';

beforeAll(() => openEngine('tfjs:cpu'));

/** Assesses what was returned for a batch with its standard goal. */
async function assessBatch(
  victim: LoadedVictim,
  batch: Batch,
  returned: Returned,
  threat: ThreatModel = { norm: 'linf', epsilon: 1 },
) {
  const { seen, goal, goalSource } = await judgeClean(victim, batch, undefined);
  return assess(victim, { ...batch, goal, goalSource }, seen, returned, threat, undefined);
}

/** Assesses a classifier's images, each changed by `change`. */
async function assessed(
  change: (image: Float32Array, row: number) => void,
  { epsilon = 0.3, targets = undefined as Int32Array | undefined } = {},
) {
  const oracle = linearOracle(3);
  const size = oracle.images.length / 3;
  const perturbed = oracle.images.slice();
  for (let row = 0; row < 3; row++) change(perturbed.subarray(row * size, (row + 1) * size), row);
  const batch = { indices: [7, 8, 9], labels: oracle.labels, targets, clean: oracle.images };
  const { outcomes } = await assessBatch(oracle.victim, batch, { perturbed }, { norm: 'linf', epsilon });
  return { outcomes, oracle };
}

/** Mirrors an image at the middle, where the linear victim changes its mind. */
const mirror = (image: Float32Array) => image.forEach((value, i) => (image[i] = 1 - value));

describe('assess', () => {
  it('calls a sample broken that is predicted otherwise, and held one that is not', async () => {
    const { outcomes, oracle } = await assessed((image, row) => row === 0 && mirror(image));
    expect(outcomes.map(({ index, status }) => [index, status])).toEqual([
      [7, 'broken'],
      [8, 'held'],
      [9, 'held'],
    ]);
    const [broken, held] = outcomes;
    expect(broken).toMatchObject({
      label: oracle.labels[0],
      cleanPrediction: oracle.labels[0],
      prediction: 1 - oracle.labels[0],
      brokenRounded: true,
    });
    expect(broken.linf).toBeLessThanOrEqual(0.3);
    expect(broken.loss!).toBeGreaterThan(broken.cleanLoss!);
    expect(held).toMatchObject({ linf: 0, l0: 0, brokenRounded: false });
  });

  it('measures every distance from the bytes', async () => {
    const { outcomes } = await assessed((image) => (image[0] += 0.25));
    for (const { linf, l2, l1, l0 } of outcomes) {
      expect(l0).toBe(1);
      for (const length of [linf, l2, l1]) expect(length).toBeCloseTo(0.25, 6);
    }
  });

  it('takes no sample outside the threat model, whatever the victim says of it', async () => {
    const { outcomes } = await assessed(mirror, { epsilon: 0.001 });
    for (const { status, defect } of outcomes) {
      expect(status).toBe('unassessed');
      expect(defect!.kind).toBe('outside-epsilon');
      expect(defect!.amount).toBeGreaterThan(0.1);
    }
    const outside = await assessed((image) => (image[3] = 1.2), { epsilon: 2 });
    expect(outside.outcomes.map(({ defect }) => defect!.kind)).toEqual(Array(3).fill('outside-box'));
    expect(outside.outcomes[0].defect!.amount).toBeCloseTo(0.2, 6);
  });

  it('keeps a defective sample from the others of its batch', async () => {
    const { outcomes } = await assessed((image, row) => row === 1 && image.fill(NaN));
    expect(outcomes.map(({ status }) => status)).toEqual(['held', 'unassessed', 'held']);
    expect(outcomes[1].defect!.kind).toBe('not-finite');
  });

  it('asks for the target class of a targeted attack', async () => {
    const { labels } = linearOracle(3, { classes: 2 });
    const other = Int32Array.from(labels, (label) => 1 - label);
    const hit = await assessed(mirror, { targets: other });
    expect(hit.outcomes.map(({ status, target }) => [status, target])).toEqual(
      [...other].map((target) => ['broken', target]),
    );
    const missed = await assessed(mirror, { targets: labels });
    expect(missed.outcomes.map(({ status }) => status)).toEqual(['held', 'held', 'held']);
  });

  it('does not take an input for an adversarial example of itself', async () => {
    const { victim, images: clean } = linearAutoencoder(2);
    const { outcomes, after } = await assessBatch(victim, { indices: [0, 1], clean }, { perturbed: clean });
    expect(outcomes.map(({ status }) => status)).toEqual(['held', 'held']);
    expect(outcomes[0].reconstructionError).toBe(outcomes[0].cleanReconstructionError);
    expect(after!.outputs).toHaveLength(clean.length);
  });

  it('counts a tie as misclassified', async () => {
    // At the middle all logits of the linear victim are 0.
    const { outcomes, oracle } = await assessed((image) => image.fill(0.5));
    outcomes.forEach(({ status, prediction }, row) =>
      expect([status, prediction]).toEqual(['broken', 1 - oracle.labels[row]]),
    );
  });

  it('leaves a sample without an outcome that is judged otherwise alone than in its batch', async () => {
    const { victim, images: clean, labels } = linearOracle(3);
    const fickle = new Proxy(victim, {
      get(of, name) {
        if (name !== 'predict') return Reflect.get(of, name, of) as unknown;
        return async (x: tf.Tensor4D) => {
          const { logits } = await of.predict(x);
          return { logits: x.shape[0] === 1 ? tf.neg(logits) : logits };
        };
      },
    });
    const { outcomes } = await assessBatch(
      fickle,
      { indices: [0, 1, 2], labels, clean },
      { perturbed: clean },
    );
    for (const { status, reason } of outcomes)
      expect([status, reason]).toEqual([
        'unassessed',
        'the victim judges the sample differently alone and in a batch',
      ]);
  });

  it('says of the input as 8-bit values whether it is broken, too', async () => {
    let healed = 0;
    for (let share = 0.5; share < 0.53; share += 0.001) {
      const towards = (image: Float32Array) => image.forEach((v, i) => (image[i] = v + share * (1 - 2 * v)));
      const { outcomes } = await assessed(towards);
      const saved = await assessed((image) => {
        towards(image);
        image.set(roundToBytes(image, [0, 1]));
      });
      outcomes.forEach(({ status, brokenRounded }, i) => {
        expect(brokenRounded).toBe(saved.outcomes[i].status === 'broken');
        if (status === 'broken' && !brokenRounded) healed++;
      });
    }
    expect(healed).toBeGreaterThan(0);
  });

  it('notes the attack’s own estimate where it is a number', async () => {
    const { victim, images: clean, labels } = linearOracle(2);
    const batch = { indices: [0, 1], labels, clean };
    const { outcomes } = await assessBatch(victim, batch, { perturbed: clean, ownEstimate: [1.5, NaN] });
    expect(outcomes.map(({ miOwn }) => miOwn)).toEqual([1.5, undefined]);
  });

  it('reports the value of a criterion only where it is the spec’s', async () => {
    const { victim, images: clean, labels } = linearOracle(2);
    const batch = { indices: [0, 1], labels, clean };
    const { seen, goal } = await judgeClean(victim, batch, undefined);
    const of = async (goalSource: 'spec' | 'standard') => {
      const aimed = { ...batch, goal, goalSource };
      const threat = { norm: 'linf', epsilon: 1 } as const;
      const { outcomes } = await assess(victim, aimed, seen, { perturbed: clean }, threat, undefined);
      return outcomes.map(({ criterion }) => criterion);
    };
    expect(await of('standard')).toEqual([undefined, undefined]);
    for (const value of await of('spec')) expect(value).toBeGreaterThan(0);
  });
});
