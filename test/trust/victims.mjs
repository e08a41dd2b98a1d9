// The shipped classifier of digits with one thing done to it: what breaks an evaluation, and what looks like it and is sound.
import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import { defineVictim } from '@gauntlet/api';

const folder = new URL('../../packages/zoo/models/digits-cnn/', import.meta.url);

/** The weights, by their names in the model file. */
function weightsOf() {
  const { weightsManifest } = JSON.parse(readFileSync(new URL('model.json', folder), 'utf8'));
  const bytes = readFileSync(new URL('weights.bin', folder));
  let offset = bytes.byteOffset;
  return Object.fromEntries(
    weightsManifest[0].weights.map(({ name, shape }) => {
      const size = shape.reduce((a, b) => a * b, 1);
      const values = new Float32Array(bytes.buffer.slice(offset, offset + 4 * size));
      offset += 4 * size;
      return [name, tf.keep(tf.tensor(values, shape))];
    }),
  );
}

function network() {
  const w = weightsOf();
  const layer = (x, name) =>
    tf.maxPool(
      tf.relu(tf.add(tf.conv2d(x, w[`${name}/kernel`], 1, 'valid'), w[`${name}/bias`])),
      2,
      2,
      'valid',
    );
  return (x) => {
    const flat = tf.reshape(layer(layer(x, 'conv_1'), 'conv_2'), [-1, 800]);
    const hidden = tf.relu(tf.add(tf.matMul(flat, w['dense_1/kernel']), w['dense_1/bias']));
    return tf.add(tf.matMul(hidden, w['logits/kernel']), w['logits/bias']);
  };
}

/** Value of one function, gradient of another. */
const withGradient = (value, gradient) =>
  tf.customGrad((x) => ({ value: value(x), gradFunc: (dy) => gradient(dy, x) }));

const steps = (levels) => (x) => tf.div(tf.round(tf.mul(x, levels)), levels);
const straight = (f) => withGradient(f, (dy) => tf.clone(dy));
const oneHot = (z) => tf.cast(tf.oneHot(tf.argMax(z, 1), 10), 'float32');
/** Passes of the victim that is open: each has another noise, and every run of a test the same ones. */
let passes = 0;
const noise = (x, sigma) => tf.add(x, tf.randomNormal(x.shape, 0, sigma, 'float32', ++passes));
const blur = (x) => tf.avgPool(x, 3, 1, 'same');

/** What is done before the network, and what after it. */
const changes = {
  none: {},

  // What breaks an evaluation.
  sine: { before: (x) => tf.add(x, tf.mul(tf.sin(tf.mul(x, 1e4)), 0.02)) },
  'hard labels': { after: oneHot },
  '3 bits': { before: steps(7) },
  thermometer: {
    before: (x) => tf.div(tf.addN([0.25, 0.5, 0.75].map((at) => tf.step(tf.sub(x, at)))), 3),
  },
  'input noise': { before: (x) => noise(x, 0.1) },
  'faint noise': { before: (x) => noise(x, 0.02) },
  dropout: { before: (x) => tf.mul(x, tf.cast(tf.greater(tf.randomUniform(x.shape), 0.2), 'float32')) },
  'batch statistics': {
    before: (x) => tf.mul(tf.sub(x, tf.mean(x, 0, true)), 1.2),
  },
  'softmax twice': { after: (z) => tf.softmax(tf.softmax(z)) },
  'softmax as logits': { after: (z) => tf.mul(tf.softmax(z), 1) },
  'reverse sigmoid': {
    // Lee, Edwards, Molloy, Su 2019: posteriors that an estimate is misled by; decisions stay.
    after: (z) => {
      const p = tf.softmax(z);
      const bounded = tf.clipByValue(p, 1e-6, 1 - 1e-6);
      const s = tf.sigmoid(tf.mul(tf.log(tf.div(bounded, tf.sub(1, bounded))), 0.5));
      return tf.log(tf.maximum(tf.sub(p, tf.mul(tf.sub(s, 0.5), 0.9)), 1e-6));
    },
  },
  'wrong sign': { before: withGradient(tf.clone, (dy) => tf.neg(dy)) },
  'random gradient': { before: withGradient(tf.clone, (dy) => tf.randomNormal(dy.shape)) },
  'no gradient': { before: withGradient(tf.clone, (dy) => tf.zerosLike(dy)) },
  'NaN gradient': { before: withGradient(tf.clone, (dy) => tf.mul(dy, NaN)) },
  'times 1e2': { after: (z) => tf.mul(z, 1e2) },
  'times 1e3': { after: (z) => tf.mul(z, 1e3) },
  'times 1e5': { after: (z) => tf.mul(z, 1e5) },
  negative: { before: (x) => tf.sub(1, x) },
  constant: { after: (z) => tf.add(tf.mul(z, 0), tf.tensor1d([1, 0, 0, 0, 0, 0, 0, 0, 0, 0])) },
  'other labels': { after: (z) => tf.concat([tf.slice(z, [0, 1]), tf.slice(z, [0, 0], [-1, 1])], 1) },

  // What does not.
  'times 10': { after: (z) => tf.mul(z, 3) },
  'a tenth': { after: (z) => tf.mul(z, 0.1) },
  shifted: { after: (z) => tf.add(z, 1000) },
  softmax: { after: (z) => tf.softmax(z) },
  'log-softmax': { after: (z) => tf.logSoftmax(z) },
  '8 bits, straight through': { before: straight(steps(255)) },
  'clipped input': { before: (x) => tf.clipByValue(x, 0, 1) },
  blurred: { before: (x) => tf.add(tf.mul(x, 0.7), tf.mul(blur(x), 0.3)) },
  'average of four': { before: (x) => tf.div(tf.addN([x, x, x, x]), 4) },
  mirrored: { before: (x) => tf.reverse(tf.reverse(x, 2), 2) },
};

/** Models without classes: what they give does or does not follow what they are given. */
const models = {
  average: (x) => tf.add(tf.mul(x, 1e-4), 0.1),
  copy: (x) => tf.add(tf.mul(x, 0.8), 0.1),
};

const params = {
  type: 'object',
  additionalProperties: false,
  properties: { change: { enum: Object.keys(changes), default: 'none' } },
};

const open = ({ params: { change } }) => {
  passes = 0;
  const { before = (x) => x, after = (z) => z } = changes[change];
  const forward = network();
  return { hash: change, forward: (x) => after(forward(before(x))) };
};

export default [
  defineVictim({
    name: 'without classes',
    version: 1,
    description: 'An autoencoder, or an encoder whose embedding is the image',
    params: {
      type: 'object',
      additionalProperties: false,
      properties: { model: { enum: Object.keys(models) } },
      required: ['model'],
    },
    open: ({ params: { model }, kind }) => ({
      hash: model,
      forward: (x) => {
        const y = models[model](x);
        return kind === 'encoder' ? tf.reshape(y, [x.shape[0], -1]) : y;
      },
    }),
  }),
  defineVictim({
    name: 'changed',
    version: 1,
    description: 'The digits classifier with one thing done to it',
    params,
    open,
  }),
  defineVictim({
    name: 'remote',
    version: 1,
    description: 'The same, without a gradient',
    params,
    open: (context) => {
      const { hash, forward } = open(context);
      return { hash, predict: (x) => Promise.resolve(tf.tidy(() => forward(x))) };
    },
  }),
];
