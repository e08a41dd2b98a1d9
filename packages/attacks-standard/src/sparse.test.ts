import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { LoadedVictim, openEngine } from '@gauntlet/core';
import { linearOracle } from '@gauntlet/testing';
import { functionModel } from '../../testing/src/function-model.js';
import { call } from '../../testing/src/call-attack.js';
import { fmn } from './index.js';
import { countChanged, keepLargest } from './sparse.js';

beforeAll(async () => {
  await openEngine('tfjs:wasm');
});

describe('projection on few values', () => {
  it('keeps as many as each row may have, the largest, of equal ones the first', async () => {
    const delta = tf.tensor4d([1, -4, 0, 3, 2, 2, -2, 2, 5, 5, 5, 5], [3, 2, 2, 1]);
    const kept = await keepLargest(delta, [2.9, 3, 0]);
    expect([...(await kept.data())]).toEqual([0, -4, 0, 3, 2, 2, -2, 0, 0, 0, 0, 0]);
    expect([...(await countChanged(kept).data())]).toEqual([2, 3, 0]);
    expect(await (await keepLargest(delta, [9, 9, 9])).data()).toEqual(await delta.data());
  });
});

describe('FMN in L0', () => {
  const oracle = () => linearOracle(12, { shape: [4, 4, 1], classes: 3 });

  const changed = (on: ReturnType<typeof oracle>, perturbed: Float32Array, row: number) =>
    perturbed.subarray(row * 16, (row + 1) * 16).filter((value, i) => value !== on.images[row * 16 + i])
      .length;

  /** Class 1 where the 16 values sum to more than 11.75: a pixel adds what it has left to white, and all do alike. */
  function sumOracle() {
    const on = linearOracle(3, { shape: [4, 4, 1] });
    const images = Float32Array.from({ length: 48 }, (_, i) => [0.5, 0.6, 0.7][i >> 4]!);
    const model = functionModel(on.shape, (x) => {
      const sum = tf.sum(tf.reshape(x, [-1, 16]), 1, true);
      return { output: tf.concat([tf.fill([x.shape[0], 1], 11.75), sum], 1) as tf.Tensor2D };
    });
    const victim = new LoadedVictim(model, on.shape, {
      kind: 'classifier',
      inputShape: on.shape,
      bounds: [0, 1],
      classes: 2,
      outputScale: 'logits',
      preprocess: {},
    });
    return { ...on, victim, images, labels: new Int32Array(3) };
  }

  it('changes as few values as there have to be', async () => {
    const on = sumOracle();
    const { perturbed } = await call({ attack: fmn, params: () => undefined }, on, { norm: 'l0' });
    // 3.75 / 0.5, 2.15 / 0.4 and 0.55 / 0.3, each to the next whole number.
    expect([0, 1, 2].map((row) => changed(on, perturbed, row))).toEqual([8, 6, 2]);
  });

  it('takes epsilon for the number of values that it may change', async () => {
    const on = oracle();
    const row = { attack: fmn, params: () => undefined };
    const { perturbed } = await call(row, on, { norm: 'l0', epsilon: 1 });
    expect(fmn.threat({ norm: 'l0', epsilon: 1 })).toMatchObject({ norm: 'l0', epsilon: 1 });
    let broken = 0;
    for (const i of on.labels.keys()) {
      const l0 = changed(on, perturbed, i);
      expect(l0).toBeLessThanOrEqual(1);
      broken += l0;
    }
    expect(broken).toBeGreaterThan(0);
  });
});
