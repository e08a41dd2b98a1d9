import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Goal } from '../attacks/criteria.js';
import { openEngine } from '../engines/open-engine.js';
import { functionModel } from '../testing/function-model.js';
import { linearOracle } from '../testing/linear-victim.js';
import { LoadedVictim } from '../victims/loaded-victim.js';
import { judge, pickBlocks, pickRows } from './judge.js';

beforeAll(() => openEngine('tfjs:cpu'));

const shape: [number, number, number] = [1, 2, 1];
/** Its output is its input: two logits, or a reconstruction. */
const identity = (kind: 'classifier' | 'autoencoder', output = (x: tf.Tensor) => x) =>
  new LoadedVictim(
    functionModel(shape, (x) => ({
      output: output(kind === 'classifier' ? tf.reshape(x, [-1, 2]) : tf.clone(x)),
    })),
    shape,
    {
      kind,
      inputShape: shape,
      bounds: [0, 1],
      classes: 2,
      outputScale: kind === 'classifier' ? 'logits' : 'raw',
      preprocess: {},
    } as ConstructorParameters<typeof LoadedVictim>[2],
  );
const images = Float32Array.from([0.9, 0.1, 0.2, 0.8]);

describe('judge', () => {
  it('gives class, confidence and cross-entropy of each image', async () => {
    const found = await judge(identity('classifier'), images, images, Int32Array.from([0, 0]));
    expect([...found.prediction]).toEqual([0, 1]);
    expect(found.confidence[0]).toBeCloseTo(1 / (1 + Math.exp(-0.8)), 6);
    expect(found.loss[0]).toBeCloseTo(Math.log(1 + Math.exp(-0.8)), 6);
    expect(found.loss[1]).toBeCloseTo(Math.log(1 + Math.exp(0.6)), 6);
    expect([...found.finite]).toEqual([1, 1]);
    expect(found.reconstruction).toBeUndefined();
  });

  it('gives an autoencoder’s reconstruction and its squared error to the clean input', async () => {
    const clean = Float32Array.from([0.9, 0.1, 0, 0]);
    const found = await judge(identity('autoencoder'), images, clean, undefined);
    expect([...found.reconstruction!]).toEqual([...images]);
    expect(found.loss[0]).toBeCloseTo(0, 6);
    expect(found.loss[1]).toBeCloseTo(0.04 + 0.64, 6);
  });

  it('says the same of each image alone', async () => {
    const { victim, images: all, labels } = linearOracle(5, { classes: 3 });
    const together = await judge(victim, all, all, labels);
    const alone = await judge(victim, all, all, labels, { alone: true });
    expect([...alone.prediction]).toEqual([...together.prediction]);
    alone.loss.forEach((loss, i) => expect(loss).toBeCloseTo(together.loss[i], 4));
  });

  it('marks outputs that are not finite, row by row', async () => {
    const victim = identity('classifier', (x) => tf.log(tf.sub(x, 0.15)));
    const found = await judge(victim, images, images, Int32Array.from([0, 1]));
    expect([...found.finite]).toEqual([0, 1]);
  });

  it('leaves no tensor behind', async () => {
    const victim = identity('classifier');
    const before = tf.memory().numTensors;
    await judge(victim, images, images, Int32Array.from([0, 1]));
    expect(tf.memory().numTensors).toBe(before);
  });

  it('evaluates a criterion of the attack’s own for the rows of the batch', async () => {
    const asked: number[][] = [];
    const goal = ((rows: readonly number[]) => {
      asked.push([...rows]);
      return { value: () => tf.tensor1d(rows.map((row) => (row === 0 ? -1 : NaN))) };
    }) as unknown as Goal;
    const victim = new LoadedVictim(
      functionModel(
        shape,
        (x) => {
          const map = tf.clone(x) as tf.Tensor4D;
          return { output: tf.reshape(x, [-1, 2]), features: map, preactivation: tf.clone(map) };
        },
        'first',
      ),
      shape,
      {
        kind: 'classifier',
        inputShape: shape,
        bounds: [0, 1],
        classes: 2,
        outputScale: 'logits',
        preprocess: {},
      },
    );
    const found = await judge(victim, images, images, Int32Array.from([0, 1]), { goal, alone: true });
    expect(asked).toEqual([[0], [1]]);
    expect([...found.criterion!]).toEqual([-1, NaN]);
    expect([...found.finite]).toEqual([1, 0]);
  });
});

it('rows are picked from everything that was found', async () => {
  const victim = identity('autoencoder');
  const all = await judge(victim, images, new Float32Array(4), undefined);
  const picked = pickRows(all, [1]);
  expect([...picked.loss]).toEqual([all.loss[1]]);
  expect([...picked.reconstruction!]).toEqual([...images.subarray(2)]);
  expect([...pickBlocks(images, [1, 0], 2)]).toEqual([...images.subarray(2), ...images.subarray(0, 2)]);
});
