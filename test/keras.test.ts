// Files that Keras has written are read as layers of TensorFlow.js, or refused with the line that exports ONNX.
import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { openEngine } from '@gauntlet/core';
import { readHdf5 } from '../packages/engine-tfjs/src/keras/hdf5.js';
import { changedKeras, kerasAnswers, kerasFile, kerasFixture, otherArchitecture } from './support/keras.js';

const open = async (engine: string, path: string) =>
  (await openEngine(engine)).load({ path, output: 'raw', imageShape: [1, 1, 1] });

describe.each(['onnx:cpu', 'tfjs:cpu'])('on %s', (engine) => {
  it.each(Object.entries(kerasAnswers()))('%s gives what Keras gives', async (name, { shape, x, y }) => {
    const model = await open(engine, kerasFixture(name));
    expect(model.engine).toBe(engine);
    const found = [...(await model.predict(tf.tensor(x, [2, ...shape]))).dataSync()];
    expect(found).toHaveLength(y.length);
    expect(Math.max(...found.map((value, i) => Math.abs(value - y[i])))).toBeLessThan(1e-5);
    model.dispose();
  });
});

const complaint = async (file: string) =>
  open('tfjs:cpu', file).then(
    () => 'no complaint',
    (error: Error) => `${(error as { code?: string }).code}: ${error.message}`,
  );
const refusal = (why: string) =>
  new RegExp(`^model-foreign: .*is a Keras model.* not read here: .*${why}.*keras\\.saving`);

it.each([
  ['a setting without a counterpart', '"groups": 1', '"groups": 2', '"conv2d" \\(Conv2D\\): "groups" is 2'],
  ['a setting that nobody knows', '"groups": 1', '"novel": 1', '"novel" is 1'],
  ['channels first', '"channels_last"', '"channels_first"', '"data_format" is "channels_first"'],
  [
    'an activation of another function',
    '"activation": "relu"',
    '"activation": "hard_sigmoid"',
    '"hard_sigmoid"',
  ],
  [
    'an activation of your own',
    '"activation": "relu"',
    '"activation": {"class_name": "f"}',
    '"activation" is',
  ],
  ['half precision', '"name": "float32"', '"name": "mixed_float16"', 'computes in "mixed_float16"'],
  ['a layer without a counterpart', '"class_name": "Flatten"', '"class_name": "Lambda"', '\\(Lambda\\)'],
  [
    'a layer of your own',
    '"registered_name": null, "build_config"',
    '"registered_name": "my>Conv2D", "build_config"',
    'layer of your own',
  ],
  ['bytes as input', '"dtype": "float32", "sparse"', '"dtype": "uint8", "sparse"', 'takes "uint8"'],
  ['weights of another layer', '"name": "conv2d"', '"name": "other"', 'are those of a layer "conv2d"'],
  ['weights that are missing', '"class_name": "MaxPooling2D"', '"class_name": "PReLU"', '"pool_size" is'],
  ['no layers', '"layers": \\[', '"sheets": [', 'no list of layers'],
  [
    'another kind of model',
    '"class_name": "Sequential"',
    '"class_name": "Mine"',
    'neither Sequential nor Functional',
  ],
])('%s is refused', async (_, from, to, why) => {
  expect(await complaint(otherArchitecture('keras3-sequential.keras', new RegExp(from, 'g'), to))).toMatch(
    refusal(why),
  );
});

it('a layer that is called as in training is refused', async () => {
  const file = otherArchitecture('keras3-twice.keras', /"kwargs": \{[^}]*\}/, '"kwargs": {"training": true}');
  expect(await complaint(file)).toMatch(refusal('called with training: true'));
});

it('weights of another shape are refused', async () => {
  const file = otherArchitecture('keras3-thirds.keras', '"units": 3', '"units": 4');
  expect(await complaint(file)).toMatch(/^model-(weights|unsupported): /);
});

describe('a damaged file', () => {
  const whole = readFileSync(kerasFixture('keras3-thirds.keras'));
  const hdf5 = readFileSync(kerasFixture('keras3-thirds.h5'));
  const spoilt = (bytes: Buffer, at: number) => {
    const copy = Buffer.from(bytes);
    copy[at] ^= 0xff;
    return copy;
  };

  it('that is cut off is refused', async () => {
    expect(await complaint(kerasFile(hdf5.subarray(0, 5000), 'h5'))).toMatch(refusal('damaged'));
    expect(await complaint(kerasFile(hdf5.subarray(0, 8), 'h5'))).toMatch(refusal('damaged'));
  });

  it('is told by its checksum', async () => {
    const at = whole.indexOf('\x89HDF', 0, 'latin1') + 4000;
    expect(await complaint(kerasFile(spoilt(whole, at), 'keras'))).toMatch(refusal('checksum'));
  });

  it('with nonsense inside is refused', async () => {
    const nonsense = (name: string, bytes: Uint8Array) =>
      complaint(changedKeras('keras3-thirds.keras', (entries) => (entries[name] = bytes)));
    expect(await nonsense('config.json', Buffer.from('{'))).toMatch(refusal('config.json in it is not JSON'));
    expect(await nonsense('config.json', Buffer.from('[]'))).toMatch(refusal('no object'));
    expect(await nonsense('metadata.json', Buffer.from('{"keras_version": "9.0"}'))).toMatch(
      refusal('version 9.0'),
    );
    expect(await nonsense('model.weights.h5', Buffer.from('no'))).toMatch(refusal('damaged'));
  });

  it('of weights alone is refused with what to do', async () => {
    const { 'model.weights.h5': weights } = await entriesOf('keras3-thirds.keras');
    expect(await complaint(kerasFile(weights, 'h5'))).toMatch(refusal('weights alone'));
  });

  it('that keeps its reader busy is given up', async () => {
    await expect(readHdf5(new Uint8Array(hdf5), ['model_weights'], 0)).rejects.toThrow(
      'could not be read in 0 s',
    );
  });
});

async function entriesOf(name: string): Promise<Record<string, Uint8Array>> {
  return new Promise((resolve) => changedKeras(name, (entries) => resolve({ ...entries })));
}
