import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { misclassified } from '@gauntlet/api';
import { openEngine } from '@gauntlet/core';
import { lossOf } from './losses.js';

beforeAll(() => openEngine('tfjs:cpu'));

it('the loss of a goal that engines know by name is known by name, with the other sign', async () => {
  const labels = Int32Array.of(0, 2);
  const goal = () => misclassified(labels);
  const loss = lossOf('goal', { labels, goal, goalSource: 'standard' }, [0, 1]);
  expect(loss.labelLoss).toMatchObject({
    name: 'margin',
    sign: misclassified(labels).labelLoss!.sign === 1 ? -1 : 1,
  });
  const logits = tf.tensor2d([3, 1, 0, 0, 5, 1], [2, 3]);
  expect([...(await loss({ logits }).data())]).toEqual([-2, 4]);
  const unknown = () => ({ ...goal(), labelLoss: undefined });
  expect(lossOf('goal', { labels, goal: unknown, goalSource: 'spec' }, [0, 1]).labelLoss).toBeUndefined();
});
