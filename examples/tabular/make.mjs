// Writes the model and the data of this example: what scikit-learn's MinMaxScaler and LogisticRegression are once skl2onnx has
// exported them with its default options (labels beside probabilities, operators of ai.onnx.ml).
//   node examples/tabular/make.mjs
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { Stream } from '@gauntlet/api';
import { npzBytes } from '@gauntlet/core';
import { Attributes, Builder, writeModel } from '@gauntlet/onnx-gradient';

const here = (name) => path.join(import.meta.dirname, name);
/** age, income, debts, years in the job, missed payments, size of the household: each a share of its range. */
const weights = [0.5, 3, -4, 1.5, -5, -0.3];
const intercept = 0.6;
const n = 60;

const g = new Builder(['x']);
const node = (op, inputs, outputs, attributes) =>
  g.nodes.push({
    op,
    name: op,
    domain: 'ai.onnx.ml',
    inputs,
    outputs,
    attributes: Attributes.of(attributes),
  });
node('Scaler', ['x'], ['scaled'], {
  offset: { floats: weights.map(() => 0) },
  scale: { floats: weights.map(() => 1) },
});
node('LinearClassifier', ['scaled'], ['label', 'raw'], {
  classlabels_ints: [0, 1],
  coefficients: { floats: [...weights.map((w) => -w), ...weights] },
  intercepts: { floats: [-intercept, intercept] },
  multi_class: 1,
  post_transform: 'LOGISTIC',
});
node('Normalizer', ['raw'], ['probabilities'], { norm: 'L1' });
writeModel(
  {
    opset: 18,
    producer: 'skl2onnx',
    domains: new Map([['ai.onnx.ml', 1]]),
    inputs: [{ name: 'x', type: 'float32', dims: ['n', weights.length] }],
    outputs: [
      { name: 'label', type: 'int64', dims: ['n'] },
      { name: 'probabilities', type: 'float32', dims: ['n', 2] },
    ],
    nodes: g.nodes,
    constants: g.constants,
    stated: new Map(),
  },
  here('credit.onnx'),
);

const stream = new Stream('tabular');
const rows = Float32Array.from({ length: n * weights.length }, () => stream.uniform());
const labels = Int32Array.from({ length: n }, (_, i) =>
  Number(weights.reduce((sum, w, k) => sum + w * rows[i * weights.length + k], intercept) > 0),
);
const arrays = { x: { shape: [n, weights.length], data: rows }, y: { shape: [n], data: labels } };
writeFileSync(here('credit.npz'), npzBytes(arrays));
