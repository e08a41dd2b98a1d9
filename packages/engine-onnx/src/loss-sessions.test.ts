import path from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { type EngineModel, type LabelLoss, misclassified, type ModelObjective } from '@gauntlet/api';
import { openEngine } from '@gauntlet/core';

const file = path.join(import.meta.dirname, '../../zoo/models/digits-cnn/model.json');
const aim = Int32Array.of(0, 3, 9, 5);
let model: EngineModel;

beforeAll(async () => {
  model = await (await openEngine('onnx:cpu')).load({ path: file, output: 'auto', imageShape: [28, 28, 1] });
});

const functions: Record<LabelLoss['name'], ModelObjective> = {
  ce: ({ output }) => {
    const mask = tf.oneHot(tf.tensor1d(aim, 'int32'), output.shape[1]!);
    return tf.neg(tf.sum(tf.mul(tf.logSoftmax(output), mask), 1));
  },
  margin: ({ output }) => tf.neg(misclassified(aim).value({ logits: output as tf.Tensor2D })),
};

const cases = (['ce', 'margin'] as const).flatMap((name) =>
  ([1, -1] as const).map((sign) => ({ name, sign })),
);

it.each(cases)(
  'a loss in the graph is the function that it stands for: $name · $sign',
  async ({ name, sign }) => {
    const x = tf.randomUniform([4, 28, 28, 1], 0, 1, 'float32', 2);
    const taped: ModelObjective = (outputs) => tf.mul(functions[name](outputs), sign);
    const expected = await model.differentiate(x, taped);
    const never = () => expect.unreachable('the engine computes it itself');
    const found = await model.differentiate(x, Object.assign(never, { labelLoss: { name, aim, sign } }));
    for (const part of ['value', 'gradient', 'output'] as const) {
      expect(found[part].shape).toEqual(expected[part].shape);
      const values = await expected[part].data();
      (await found[part].data()).forEach((value, i) =>
        expect(Math.abs(value - values[i])).toBeLessThan(1e-5),
      );
    }
  },
);
