import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { openEngine } from '@gauntlet/core';
import { isMet } from './criteria.js';
import { anyLabelWrong, labelsWrong, pickSets } from './label-sets.js';
import { Stream } from '../random/streams.js';

const [n, width] = [200, 6];
const stream = new Stream('label-sets');
const values = Uint8Array.from({ length: n * width }, () => (stream.uniform(0, 1) < 0.4 ? 1 : 0));
const logits = Float32Array.from({ length: n * width }, (_, i) =>
  // Ties are among them, and they are wrong whatever is true.
  i % 11 === 0 ? 0 : stream.normal() + (values[i]! ? 1 : -1),
);
const wrong = Array.from({ length: n }, (_, row) => {
  const isWrong = (i: number) => (logits[i] === 0 ? true : logits[i]! > 0 !== (values[i] === 1));
  return Array.from({ length: width }, (_, j) => row * width + j).filter(isWrong).length;
});
const outputs = () => ({ logits: tf.tensor2d(logits, [n, width]) });

beforeAll(async () => {
  await openEngine('tfjs:wasm');
});

it('is met where the decision on any label is wrong', () => {
  const f = anyLabelWrong({ width, values }).value(outputs()).dataSync();
  expect([...f].map(isMet)).toEqual(wrong.map((count) => count >= 1));
});

it.each([1, 2, 3, 6])('is met where the decisions on at least %d labels are wrong', (m) => {
  const f = labelsWrong({ width, values }, m).value(outputs()).dataSync();
  expect([...f].map(isMet)).toEqual(wrong.map((count) => count >= m));
});

it('leads all labels that are missing there at once, and keeps a margin behind the boundary', () => {
  const criterion = labelsWrong({ width: 4, values: Uint8Array.of(1, 1, 0, 0, 1, 1, 0, 0) }, 3);
  const z = tf.tensor2d([2, -1, -3, -0.5, -2, -1, 3, -5], [2, 4]);
  const gradient = tf.grad((at) => criterion.value({ logits: at as tf.Tensor2D }))(z);
  // The signed logits are 2, −1, 3, 0.5: of the three smallest, 2 and 0.5 are yet to fall. Then −2, −1, −3: −1 is the margin.
  expect([...criterion.value({ logits: z }).dataSync()]).toEqual([2.5, -1]);
  expect([...gradient.dataSync()].map((value) => value + 0)).toEqual([1, 0, 0, -1, 0, 1, 0, 0]);
});

it('takes some of the samples', () => {
  expect(pickSets({ width: 2, values: Uint8Array.of(0, 1, 1, 1, 0, 0) }, [2, 0])).toEqual({
    width: 2,
    values: Uint8Array.of(0, 0, 0, 1),
  });
});
