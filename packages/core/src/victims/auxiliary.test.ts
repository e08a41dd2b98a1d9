import path from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { type AnyVictim, Stream } from '@gauntlet/api';
import {
  CountedVictim,
  LoadedVictim,
  newLedger,
  openEngine,
  openVictim,
  type VictimConfig,
} from '@gauntlet/core';
import { functionModel } from '@gauntlet/testing';
import { TapedObjective } from './objective.js';

const n = 2;
const shape: [number, number, number] = [28, 28, 1];
const model = path.join(import.meta.dirname, '../../../zoo/models/digits-cnn/model.json');
const config = { name: 'v', model, kind: 'classifier', bounds: [0, 1], output: 'auto', preprocess: {} };

const counted = (victim: LoadedVictim, streams?: Stream[]): AnyVictim =>
  new CountedVictim(victim, newLedger(n), { streams });

/** No convolution: features are patches of the input, which no engine differentiates. */
const withoutConvolution = (): LoadedVictim =>
  new LoadedVictim(
    functionModel(shape, (x) => ({ output: tf.slice(tf.reshape(x, [x.shape[0], 784]), [0, 300], [-1, 10]) })),
    shape,
    {
      kind: 'classifier',
      inputShape: shape,
      bounds: [0, 1],
      classes: 10,
      outputScale: 'logits',
      preprocess: {},
    },
  );

const open = async (engine: string) =>
  (await openVictim({ ...config, engine } as VictimConfig, shape)).victim;
const victims: [string, () => Promise<AnyVictim>][] = [
  ['TensorFlow.js', async () => counted(await open('tfjs:wasm'))],
  ['ONNX Runtime', async () => counted(await open('onnx:cpu'))],
  ['patches', async () => counted(withoutConvolution())],
  [
    'an estimated gradient',
    async () =>
      counted(
        await open('tfjs:wasm'),
        [0, 1].map((i) => new Stream('nes', i)),
      ),
  ],
];

beforeAll(async () => {
  await openEngine('tfjs:wasm');
});

describe.each(victims)('auxiliary values of an objective, %s', (_, make) => {
  const objective = ({ logits, features }: { logits: tf.Tensor2D; features: tf.Tensor4D }) => {
    const sums: tf.Tensor1D = tf.sum(logits, 1);
    const objective: tf.Tensor1D = tf.add(sums, tf.sum(tf.reshape(features, [n, -1]), 1));
    return { objective, aux: { sums, list: [tf.mul(sums, 2)], name: 'x' } };
  };
  const image = () =>
    tf.tensor4d(
      Float32Array.from({ length: n * 784 }, (_, i) => (i % 97) / 97),
      [n, ...shape],
    );

  it('come back with the gradient of the number alone', async () => {
    const victim = await make();
    const x = image();
    const plain = await victim.predict(x);
    const { value, gradient, aux } = await victim.differentiate(x, objective);
    const expected = await tf.sum(plain.logits, 1).data();
    expect(aux.name).toBe('x');
    (await aux.sums.data()).forEach((sum, i) => expect(sum).toBeCloseTo(expected[i], 3));
    (await aux.list[0].data()).forEach((sum, i) => expect(sum / 2).toBeCloseTo(expected[i], 3));
    expect(value.shape).toEqual([n]);
    expect(gradient.shape).toEqual(x.shape);
  });

  it('belong to the caller, and nothing else is left', async () => {
    const victim = await make();
    const x = image();
    const once = async () => {
      const { value, gradient, outputs, aux } = await victim.differentiate(x, objective);
      tf.dispose([value, gradient, outputs.logits]);
      const alive = [aux.sums, ...aux.list].every((tensor) => !tensor.isDisposed);
      tf.dispose([aux.sums, aux.list]);
      return alive;
    };
    await once();
    await new Promise((resolve) => setTimeout(resolve));
    const before = tf.memory().numTensors;
    expect(await once()).toBe(true);
    await new Promise((resolve) => setTimeout(resolve));
    expect(tf.memory().numTensors).toBe(before);
  });

  it('are undefined for an objective that gives a number alone', async () => {
    const victim = await make();
    const { aux } = await victim.differentiate(image(), ({ logits }) => tf.sum(logits, 1));
    expect(aux).toBeUndefined();
  });
});

it('refuses an objective without a number for each sample', () => {
  for (const wrong of [tf.scalar(1), tf.tensor1d([1]), tf.tensor2d([[1], [2]])])
    expect(() => new TapedObjective(() => wrong as tf.Tensor1D).value({}, 2)).toThrow(
      `of shape [${wrong.shape.join(', ')}] for a batch of 2. It has to give one number per sample, [2]`,
    );
});

it('auxiliary values of calls that an engine repeats or gives up are not left behind', () => {
  const before = tf.memory().numTensors;
  const taped = new TapedObjective(() => ({ objective: tf.tensor1d([1]), aux: [tf.scalar(2)] }));
  tf.tidy(() => {
    taped.value(1, 1);
    taped.value(1, 1);
  });
  expect(tf.memory().numTensors).toBe(before + 1);
  taped.clear();
  expect(tf.memory().numTensors).toBe(before);
});
