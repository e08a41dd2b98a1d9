import path from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import {
  type EngineModel,
  type LabelLoss,
  misclassified,
  type ModelObjective,
  type Penalty,
  reconstructedNoWorse,
  stopGradient,
} from '@gauntlet/api';
import { openEngine } from '@gauntlet/core';

const file = path.join(import.meta.dirname, '../../zoo/models/digits-cnn/model.json');
const aim = Int32Array.of(0, 3, 9, 5);
const target = Int32Array.of(7, 2, 0, 5);
let model: EngineModel;

let autoencoder: EngineModel;

beforeAll(async () => {
  const engine = await openEngine('onnx:cpu');
  model = await engine.load({ path: file, output: 'auto', imageShape: [28, 28, 1] });
  autoencoder = await engine.load({
    path: path.join(import.meta.dirname, '../../zoo/models/digits-conv-ae/model.json'),
    output: 'raw',
    imageShape: [28, 28, 1],
  });
});

const functions: Record<LabelLoss['name'], ModelObjective> = {
  ce: ({ output }) => {
    const mask = tf.oneHot(tf.tensor1d(aim, 'int32'), output.shape[1]!);
    return tf.neg(tf.sum(tf.mul(tf.logSoftmax(output), mask), 1));
  },
  margin: ({ output }) => tf.neg(misclassified(aim).value({ logits: output as tf.Tensor2D })),
  dlr: (outputs) => {
    const { first, third } = ranked(outputs.output as tf.Tensor2D);
    return tf.div(functions.margin(outputs), tf.add(tf.sub(first, third), 1e-12));
  },
  'dlr-targeted': ({ output }) => {
    const { first, third, fourth } = ranked(output as tf.Tensor2D);
    const at = (classes: Int32Array) => tf.sum(tf.mul(output, mask(classes, output.shape[1]!)), 1);
    const spread = tf.sub(first, tf.mul(tf.add(third, fourth), 0.5));
    return tf.div(tf.sub(at(target), at(aim)), tf.add(spread, 1e-12));
  },
};

const mask = (classes: Int32Array, width: number) => tf.oneHot(tf.tensor1d(classes, 'int32'), width);

/** Logits by their rank; which ones they are is a constant. */
function ranked(logits: tf.Tensor2D) {
  const width = logits.shape[1];
  const order = logits.arraySync().map((row) => [...row.keys()].sort((a, b) => row[b]! - row[a]!));
  const of = (rank: number): tf.Tensor1D =>
    tf.sum(
      tf.mul(
        logits,
        mask(
          Int32Array.from(order, (row) => row[rank]!),
          width,
        ),
      ),
      1,
    );
  return { first: of(0), third: of(2), fourth: of(3) };
}

const cases = (['ce', 'margin', 'dlr', 'dlr-targeted'] as const).flatMap((name) =>
  ([1, -1] as const).map((sign) => ({ name, sign })),
);

it.each(cases)(
  'a loss in the graph is the function that it stands for: $name · $sign',
  async ({ name, sign }) => {
    const x = tf.randomUniform([4, 28, 28, 1], 0, 1, 'float32', 2);
    const taped: ModelObjective = (outputs) => tf.mul(functions[name](outputs), sign);
    const expected = await model.differentiate(x, taped);
    const never = () => expect.unreachable('the engine computes it itself');
    const found = await model.differentiate(
      x,
      Object.assign(never, { labelLoss: { name, aim, target, sign } as LabelLoss }),
    );
    for (const part of ['value', 'gradient', 'output'] as const) {
      expect(found[part].shape).toEqual(expected[part].shape);
      const values = await expected[part].data();
      // A small value may be the difference of large ones, and is then as exact as they are.
      const largest = Math.max(1, ...values.map(Math.abs));
      (await found[part].data()).forEach((value, i) =>
        expect(Math.abs(value - values[i])).toBeLessThan(1e-5 * largest),
      );
    }
  },
);

const penalties = (['margin', 'error'] as const).flatMap((name) =>
  ([undefined, 'features', 'preactivation'] as const).map((of) => ({ name, of })),
);

it.each(penalties)(
  'a penalty in the graph is the function that it stands for: $name beside $of',
  async ({ name, of }) => {
    const victim = name === 'error' ? autoencoder : model;
    const x = tf.randomUniform([4, 28, 28, 1], 0, 1, 'float32', 2) as tf.Tensor4D;
    const target = tf.randomUniform([4, 28, 28, 1], 0, 1, 'float32', 3) as tf.Tensor4D;
    // Some of the samples have met the goal: their penalty is 0, and so is its gradient.
    const less = tf.tensor1d([0, 1000, 10, 1000]);
    const criterion = name === 'error' ? reconstructedNoWorse(target, less) : misclassified(aim);
    const shape = of && (await victim.features(x))[of].shape;
    const cotangent = shape && tf.randomUniform(shape, -1, 1, 'float32', 4);
    const penalty: Penalty = {
      loss: criterion.labelLoss ?? criterion.errorLoss!,
      kappa: 0.25,
      base: Float32Array.of(0.5, 0.5, -100, 2),
      gain: 0.1,
      inner: of && { of, cotangent: cotangent as tf.Tensor4D, scale: -1 },
    };
    const taped: ModelObjective = (outputs) => {
      const output = outputs.output as tf.Tensor2D & tf.Tensor4D;
      const f = tf.relu(tf.add(criterion.value({ logits: output, reconstruction: output }), 0.25));
      const c = tf.relu(tf.add(tf.tensor1d(penalty.base), tf.mul(f, 0.1)));
      const weighed: tf.Tensor1D = tf.mul(stopGradient(c), f);
      return of ? tf.sub(weighed, tf.sum(tf.mul(outputs[of]!, cotangent!), [1, 2, 3])) : weighed;
    };
    const expected = await victim.differentiate(x, taped);
    const never = () => expect.unreachable('the engine computes it itself');
    const found = await victim.differentiate(x, Object.assign(never, { penalty }));
    for (const part of ['value', 'gradient', 'output'] as const) {
      expect(found[part].shape).toEqual(expected[part].shape);
      const values = await expected[part].data();
      const scale = Math.max(1, ...values.map(Math.abs));
      (await found[part].data()).forEach((value, i) =>
        expect(Math.abs(value - values[i]) / scale).toBeLessThan(1e-5),
      );
    }
  },
);
