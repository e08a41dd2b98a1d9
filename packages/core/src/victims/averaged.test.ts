import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { type Objective, tidyAsync } from '@gauntlet/api';
import { functionModel } from '@gauntlet/testing';
import { openEngine } from '../engines/open-engine.js';
import { CountedVictim, newLedger } from './counted-victim.js';
import { LoadedVictim, type Outputs } from './loaded-victim.js';

const shape: [number, number, number] = [1, 1, 2];
beforeAll(() => openEngine('tfjs:cpu'));

/** Logits 1 x, 2 x, 3 x, … from call to call. */
function changing(): LoadedVictim {
  let calls = 0;
  const model = functionModel(shape, (x) => ({ output: tf.mul(tf.reshape(x, [x.shape[0], 2]), ++calls) }));
  return new LoadedVictim(model, shape, {
    kind: 'classifier',
    inputShape: shape,
    bounds: [0, 1],
    classes: 2,
    outputScale: 'logits',
    preprocess: {},
  });
}

it('an attack sees the mean of the passes, and pays for each', async () => {
  const ledger = newLedger(1);
  const victim = new CountedVictim(changing(), ledger, { eot: 4 });
  const x = tf.tensor4d([0.5, 1], [1, ...shape]);
  const before = tf.memory().numTensors;
  const { logits } = await victim.predict(x);
  // (1 + 2 + 3 + 4) / 4
  expect([...(await logits.data())]).toEqual([1.25, 2.5]);
  const first = ({ logits: z }: Outputs): Objective<tf.Tensor> => ({
    objective: tf.sum(tf.slice(z, [0, 0], [-1, 1]), 1),
    aux: tf.square(z),
  });
  const found = await tidyAsync(() => victim.differentiate(x, first));
  // (5 + 6 + 7 + 8) / 4
  expect([...(await found.value.data())]).toEqual([3.25]);
  expect([...(await found.gradient.data())]).toEqual([6.5, 0]);
  expect([...(await found.outputs.logits.data())]).toEqual([3.25, 6.5]);
  expect((await found.aux.data())[1]).toBe((25 + 36 + 49 + 64) / 4);
  await victim.settle();
  expect([ledger.forwards[0], ledger.gradients[0]]).toEqual([8, 4]);
  tf.dispose([logits, found.value, found.gradient, found.outputs.logits, found.aux]);
  expect(tf.memory().numTensors).toBe(before);
});
