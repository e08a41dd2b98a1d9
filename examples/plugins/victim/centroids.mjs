// centroids.mjs — victim: { use: ./centroids.mjs, params: { sharpness: 4 }, kind: classifier, bounds: [0, 1] }
import * as tf from '@tensorflow/tfjs-core';
import { defineVictim } from '@gauntlet/api';

// Two means of each digit 0 … 9, 7×7 pixels in row order, in tenths of full ink.
const means = [
  '0000000004530002414100230410014351000131000000000 0000000001310001535100240320014142000354000000000',
  '0000000001310000141000004100000310000121000000000 0000000001400000360000015000001500000241000000000',
  '0000000001420000425100002400002510000354100000000 0001000004530001214000015200015520000222000000000',
  '0000000002430000135000004500002150000343000000000 0000000014410000252000016200012340001441000000000',
  '0000000000220000263000155400014551000022000000000 0000000002220000424000155500000240000012000000000',
  '0000000003541000441000023500003340000131000000000 0000000002320000432000046300001141000453000000000',
  '0000000000220000151000036400004351000143000000000 0000000001300000430000165200015340000341000000000',
  '0000000002441000225100003500000420000030000000000 0000000014540000134000016200001400000120000000000',
  '0000000003410001543000166300015340000342000000000 0000000001430000346100036610004251000254000000000',
  '0000000002430000435100025710000250000122000000000 0000000003410001534000056400001520000230000000000',
];
const templates = means.flatMap((pair) => pair.split(' ')).map((text) => Array.from(text, (ink) => ink / 10));
export default defineVictim({
  name: 'centroids',
  version: 1,
  description: 'Digits, 28×28, by the nearest of two means of each',
  params: {
    type: 'object',
    additionalProperties: false,
    properties: { sharpness: { type: 'number', exclusiveMinimum: 0, default: 4, description: 'Of logits' } },
  },
  open({ imageShape, params: { sharpness } }) {
    if (imageShape.join() !== '28,28,1') throw new Error(`images are ${imageShape.join('×')}, not 28×28×1`);
    return {
      hash: JSON.stringify([1, sharpness, means]),
      forward(x) {
        const small = tf.reshape(tf.avgPool(x, 4, 4, 'valid'), [-1, 1, 49]);
        const distances = tf.sum(tf.square(tf.sub(small, tf.tensor3d([templates]))), 2);
        return tf.mul(tf.min(tf.reshape(distances, [-1, 10, 2]), 2), -sharpness);
      },
    };
  },
});
