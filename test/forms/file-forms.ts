import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { openEngine } from '@gauntlet/core';
import { foreignFiles } from '../../packages/engine-tfjs/src/foreign/foreign-files.test-support.js';
import { kerasFixture, otherArchitecture } from '../support/keras.js';
import { save } from '../support/save-model.js';
import { byDecisions, classes, type Form, fresh, side } from './classifier.js';

/** Files of other programs: each is called by its name, with the line that makes ONNX of it where there is one. */
const foreignForms = foreignFiles.map(([form, name, content, refused]): Form => ({
  form: `file: ${form}`,
  spec: () => {
    const folder = fresh('foreign');
    const file = path.join(folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, typeof content === 'string' ? Buffer.from(content, 'latin1') : content);
    return { victim: { model: file } };
  },
  refused,
}));

async function layers(activation: 'linear' | 'softmax', units: number = classes): Promise<string> {
  await openEngine('tfjs:cpu');
  const model = tfl.sequential({
    layers: [tfl.layers.flatten({ inputShape: [side, side, 1] }), tfl.layers.dense({ units, activation })],
  });
  const weights = Float32Array.from({ length: side * side * classes }, (_, k) =>
    Math.floor(k / classes) % classes === k % classes ? 10 : 0,
  );
  model.setWeights([tf.tensor2d(weights, [side * side, classes]), tf.zeros([classes])]);
  return save(model);
}

/** A module that is a victim: differentiated by itself, or asked alone. */
function plugin(how: 'forward' | 'predict'): string {
  const file = fresh('victim.mjs');
  writeFileSync(
    file,
    `import { defineVictim, tf } from '@gauntlet/api';
const logits = (x) => tf.tidy(() => {
  const flat = tf.reshape(x, [x.shape[0], ${side * side}]);
  const weight = tf.tensor2d(Float32Array.from({ length: ${side * side * classes} }, (_, k) => (Math.floor(k / 3) % 3 === k % 3 ? 10 : 0)), [${side * side}, 3]);
  return tf.matMul(flat, weight);
});
export default defineVictim({
  name: 'thirds', version: 1, description: 'By thirds of the pixels',
  params: { type: 'object', additionalProperties: false, properties: {} },
  open: () => ({ hash: '1', ${how === 'forward' ? 'forward: logits' : 'predict: async (x) => logits(x)'} }),
});`,
  );
  return file;
}

export const fileForms: Form[] = [
  {
    form: 'TensorFlow.js, layers, its folder',
    spec: async () => ({ victim: { model: await layers('linear'), engine: 'tfjs:cpu' } }),
  },
  {
    form: 'TensorFlow.js, layers, softmax at the end',
    spec: async () => ({
      victim: { model: path.join(await layers('softmax'), 'model.json'), engine: 'tfjs:cpu' },
    }),
  },
  { form: 'Keras 3 (.keras)', spec: () => ({ victim: { model: kerasFixture('keras3-thirds.keras') } }) },
  { form: 'Keras 3, HDF5 (.h5)', spec: () => ({ victim: { model: kerasFixture('keras3-thirds.h5') } }) },
  { form: 'Keras 2, HDF5 (.h5)', spec: () => ({ victim: { model: kerasFixture('keras2-thirds.h5') } }) },
  {
    form: 'Keras, a layer that TensorFlow.js lacks',
    spec: () => ({
      victim: {
        model: otherArchitecture('keras3-thirds.keras', '"class_name": "Flatten"', '"class_name": "Lambda"'),
      },
    }),
    refused: /"flatten[_0-9]*" \(Lambda\): TensorFlow\.js has no such layer.*export\('model\.onnx'/,
  },
  { form: 'a module with `forward`', spec: () => ({ victim: { use: plugin('forward') } }) },
  {
    form: 'a module with `predict`',
    spec: () => ({ victim: { use: plugin('predict') }, attack: byDecisions }),
  },
  {
    form: 'a module with `predict`, under an attack with gradients',
    spec: () => ({ victim: { use: plugin('predict') } }),
    refused: /gradients: estimated/,
  },
  ...foreignForms,
  {
    form: 'file: none there',
    spec: () => ({ victim: { model: fresh('missing.onnx') } }),
    refused: /missing\.onnx/,
  },
];
