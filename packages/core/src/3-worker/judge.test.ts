import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Goal, isMet, standardGoal } from '@gauntlet/api';
import { functionModel, linearOracle } from '@gauntlet/testing';
import { openEngine } from '../engines/open-engine.js';
import { LoadedVictim } from '../victims/loaded-victim.js';
import { type AimedBatch, judge, judgeAlone } from './judge.js';
import { pickBlocks, pickRows } from './seen.js';

beforeAll(() => openEngine('tfjs:cpu'));

const shape: [number, number, number] = [1, 2, 1];
/** Its output is its input, two logits or a reconstruction; its features are the input as well. */
const identity = (kind: 'classifier' | 'autoencoder', output = (x: tf.Tensor) => tf.clone(x)) =>
  new LoadedVictim(
    functionModel(
      shape,
      (x) => ({
        output: output(kind === 'classifier' ? tf.reshape(x, [-1, 2]) : x),
        features: tf.clone(x) as tf.Tensor4D,
        preactivation: tf.clone(x) as tf.Tensor4D,
      }),
      'first',
    ),
    shape,
    { kind, inputShape: shape, bounds: [0, 1], classes: 2, outputScale: 'logits', preprocess: {} },
  );
const images = Float32Array.from([0.9, 0.1, 0.2, 0.8]);

/** Of two samples. */
const classified = (...labels: number[]): AimedBatch => ({
  indices: [7, 8],
  labels: Int32Array.from(labels),
  clean: images,
  goal: standardGoal({ kind: 'classifier', labels: Int32Array.from(labels) }),
  goalSource: 'standard',
});
const reconstructed = (clean: Float32Array, cleanLoss = [0, 0]): AimedBatch => ({
  indices: [7, 8],
  clean,
  goal: standardGoal({ kind: 'autoencoder', x: tf.tensor4d(clean, [2, ...shape]), cleanLoss }),
  goalSource: 'standard',
});

describe('judge', () => {
  it('gives class, confidence, cross-entropy and criterion of each image', async () => {
    const found = await judge(identity('classifier'), images, classified(0, 0));
    expect([...found.prediction]).toEqual([0, 1]);
    expect(found.confidence[0]).toBeCloseTo(1 / (1 + Math.exp(-0.8)), 6);
    expect(found.loss[0]).toBeCloseTo(Math.log(1 + Math.exp(-0.8)), 6);
    expect(found.loss[1]).toBeCloseTo(Math.log(1 + Math.exp(0.6)), 6);
    expect([...found.finite]).toEqual([1, 1]);
    expect(found.criterion[0]).toBeCloseTo(0.8, 6);
    expect(found.criterion[1]).toBeCloseTo(-0.6, 6);
    expect(found.outputs).toBeUndefined();
  });

  it('takes a tie for misclassified', async () => {
    const tied = Float32Array.from([0.5, 0.5, 0.25, 0.25]);
    const found = await judge(identity('classifier'), tied, classified(0, 1));
    expect([...found.criterion].map(isMet)).toEqual([true, true]);
    expect([...found.prediction]).toEqual([1, 0]);
  });

  it('gives an autoencoder’s reconstruction and its squared error to the clean input', async () => {
    const clean = Float32Array.from([0.9, 0.1, 0, 0]);
    const found = await judge(identity('autoencoder'), images, reconstructed(clean, [0, 1]));
    expect([...found.outputs!]).toEqual([...images]);
    expect(found.loss[0]).toBeCloseTo(0, 6);
    expect(found.loss[1]).toBeCloseTo(0.04 + 0.64, 6);
    expect(found.criterion[1]).toBeCloseTo(0.68 - 1, 6);
  });

  it('says the same of each image alone', async () => {
    const { victim, images: all, labels } = linearOracle(5, { classes: 3 });
    const goal = standardGoal({ kind: 'classifier', labels });
    const batch = { indices: [0, 1, 2, 3, 4], clean: all, labels, goal, goalSource: 'standard' } as const;
    const together = await judge(victim, all, batch);
    const alone = await judgeAlone(victim, all, batch, [0, 2, 4]);
    for (const row of [0, 2, 4]) expect(alone.criterion[row]).toBeCloseTo(together.criterion[row], 4);
    expect([...alone.finite]).toEqual([1, 0, 1, 0, 1]);
  });

  it('marks outputs that are not finite, row by row', async () => {
    const victim = identity('classifier', (x) => tf.log(tf.sub(x, 0.15)));
    const found = await judge(victim, images, classified(0, 1));
    expect([...found.finite]).toEqual([0, 1]);
  });

  it('leaves no tensor behind', async () => {
    const victim = identity('classifier');
    const before = tf.memory().numTensors;
    await judge(victim, images, classified(0, 1));
    expect(tf.memory().numTensors).toBe(before);
  });

  it('evaluates a criterion of the spec for the rows of the batch, with features', async () => {
    const asked: number[][] = [];
    const goal: Goal = (rows) => {
      asked.push([...rows]);
      const value = ({ features }: { features?: tf.Tensor4D }) => {
        expect(features!.shape[0]).toBe(rows.length);
        return tf.tensor1d(rows.map((row) => (row === 0 ? -1 : NaN)));
      };
      return { name: 'own', value };
    };
    const batch: AimedBatch = { ...classified(0, 1), goal, goalSource: 'spec' };
    const found = await judgeAlone(identity('classifier'), images, batch, [0, 1]);
    expect(asked).toEqual([[0], [1]]);
    expect([...found.criterion]).toEqual([-1, NaN]);
    expect([...found.finite]).toEqual([1, 0]);
  });
});

it('rows are picked from everything that was found', async () => {
  const all = await judge(identity('autoencoder'), images, reconstructed(new Float32Array(4)));
  const picked = pickRows(all, [1]);
  expect([...picked.loss]).toEqual([all.loss[1]]);
  expect([...picked.outputs!]).toEqual([...images.subarray(2)]);
  expect([...pickBlocks(images, [1, 0], 2)]).toEqual([...images.subarray(2), ...images.subarray(0, 2)]);
});
