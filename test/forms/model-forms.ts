import { readFileSync, writeFileSync } from 'node:fs';
import { float } from '@gauntlet/onnx-gradient';
import {
  byDecisions,
  classes,
  foreign,
  labelRows,
  labels,
  type Form,
  model,
  type ModelOptions,
  type Parts,
  pgd,
  side,
  usualData,
} from './classifier.js';

const victim =
  (options: ModelOptions, rest: object = {}, parts: Parts = {}): Form['spec'] =>
  () => ({
    victim: { model: model(options), ...rest },
    ...parts,
  });
const inColour = (dims: ModelOptions['dims'], options: ModelOptions = {}, rest: object = {}): Form['spec'] =>
  victim({ dims, ...options }, rest, { dataset: usualData(3) });
const flat = (rest: ModelOptions = {}): ModelOptions => ({ dims: ['batch', side * side], ...rest });

/** One number: how much brighter class 1 is than class 0, for images of these two classes. */
const binary =
  (end: 'logit' | 'sigmoid'): Form['spec'] =>
  () => ({
    victim: {
      model: model({
        end: (g, z) => {
          const picked = g.op('Gather', [z, g.ints([0, 1])], { axis: 1 });
          const logit = g.op('MatMul', [picked, g.filled('float32', [2, 1], [-1, 1])]);
          return [{ name: end === 'logit' ? logit : g.op('Sigmoid', [logit]), dims: ['batch', 1] }];
        },
      }),
      ...(end === 'logit' && { output: 'logits' }),
    },
    dataset: { ...usualData(), classes: [0, 1] },
  });

/** One byte of a file changed, or the file cut off. */
const damaged =
  (change: (bytes: Uint8Array) => Uint8Array): Form['spec'] =>
  () => {
    const file = model();
    writeFileSync(file, change(readFileSync(file)));
    return { victim: { model: file } };
  };

export const modelForms: Form[] = [
  { form: 'ONNX, input [n, 1, h, w]', spec: victim({}) },
  { form: 'ONNX, input [n, h, w, 1]', spec: victim({ dims: ['batch', side, side, 1] }) },
  { form: 'ONNX, input [n, h, w]', spec: victim({ dims: ['batch', side, side] }) },
  { form: 'ONNX, input [n, h·w]', spec: victim(flat()) },
  { form: 'ONNX, input [n, 3, h, w]', spec: inColour(['batch', 3, side, side]) },
  { form: 'ONNX, input [n, h, w, 3]', spec: inColour(['batch', side, side, 3], { order: 'nhwc' }) },
  {
    form: 'ONNX, input [n, 3·h·w] of PyTorch',
    spec: inColour(['batch', 48], { producer: 'pytorch' }),
  },
  {
    form: 'ONNX, input [n, 3·h·w] of nobody known',
    spec: inColour(['batch', 48]),
    refused: /does not tell in which order\. Write preprocess: \{ layout: nchw \}/,
  },
  {
    form: 'ONNX, input [n, 3·h·w] and `layout`',
    spec: inColour(['batch', 48], {}, { preprocess: { layout: 'nchw' } }),
  },
  {
    form: 'ONNX, a batch of 1 fixed',
    spec: victim({ dims: [1, 1, side, side], end: (_, z) => [{ name: z, dims: [1, classes] }] }),
  },
  {
    form: 'ONNX, a batch of 3 fixed',
    spec: victim({ dims: [3, 1, side, side], end: (_, z) => [{ name: z, dims: [3, classes] }] }),
  },
  { form: 'ONNX, every size open', spec: victim({ dims: ['n', 'c', 'h', 'w'] }) },
  {
    form: 'ONNX, images of another size',
    spec: victim({ dims: ['batch', 1, 5, 5] }),
    refused: /takes inputs of shape \[5, 5, 1\], the dataset gives \[4, 4, 1\]\. Use a dataset of that shape/,
  },
  {
    form: 'ONNX of opset 8',
    spec: victim({ opset: 8 }),
    refused:
      /has opset 8; 9 to 26 are supported\. Export it again, or bring it to 18: onnx\.version_converter/,
  },
  { form: 'ONNX of opset 9', spec: victim({ opset: 9 }) },
  { form: 'ONNX of opset 13', spec: victim({ opset: 13 }) },
  { form: 'ONNX of opset 21', spec: victim({ opset: 21 }) },
  { form: 'ONNX of opset 24', spec: victim({ opset: 24 }) },
  { form: 'ONNX in float64', spec: victim({ type: 'float64' }) },
  {
    form: 'ONNX in float64, with a convolution',
    spec: victim({
      type: 'float64',
      begin: (g, x) => g.op('Conv', [x, g.filled('float64', [1, 1, 1, 1], [1])]),
    }),
    refused: /has no Conv of float64: export the model in float32, in PyTorch by model\.float\(\)/,
  },
  {
    form: 'ONNX whose shapes do not fit when it runs',
    spec: victim({ begin: (g, x) => g.op('Reshape', [x, g.ints([7, -1])]) }),
    refused: /cannot run .*Reshape ".*cannot be reshaped .*with onnxruntime in Python/,
  },
  { form: 'ONNX in float16', spec: victim({ type: 'float16' }) },
  {
    form: 'ONNX of bytes and a Cast',
    spec: victim(
      { type: 'uint8', begin: (g, x) => g.op('Cast', [x], { to: 1 }) },
      {},
      { attack: byDecisions },
    ),
  },
  {
    form: 'ONNX, softmax at the end',
    spec: victim({ end: (g, z) => [{ name: g.op('Softmax', [z], { axis: -1 }), dims: ['batch', classes] }] }),
  },
  {
    form: 'ONNX, logarithm of softmax at the end',
    spec: victim({
      end: (g, z) => [{ name: g.op('LogSoftmax', [z], { axis: -1 }), dims: ['batch', classes] }],
    }),
  },
  { form: 'ONNX, one logit', spec: binary('logit') },
  { form: 'ONNX, one sigmoid', spec: binary('sigmoid') },
  {
    form: 'ONNX, a sigmoid for each class',
    spec: victim({ end: (g, z) => [{ name: g.op('Sigmoid', [z]), dims: ['batch', classes] }] }),
    refused: /multi-label/,
  },
  {
    form: 'ONNX, a sigmoid for each label and `multiLabel: true`',
    spec: victim(
      {
        end: (g, z) => {
          const above = g.sub(z, g.scalar(27, 'float32'));
          return [{ name: g.op('Sigmoid', [above]), dims: ['batch', classes] }];
        },
      },
      { multiLabel: true },
      { dataset: labelRows((i, k) => labels[i] === k) },
    ),
  },
  {
    form: 'ONNX, logits, and data with several labels for an image',
    spec: victim({}, {}, { dataset: labelRows((i, k) => labels[i] !== k) }),
    refused: /has several for an image.*multiLabel: true/,
  },
  {
    form: 'ONNX, logits [n, classes, 1, 1]',
    spec: victim({
      end: (g, z) => [{ name: g.op('Unsqueeze', [z, g.ints([2, 3])]), dims: ['batch', classes, 1, 1] }],
    }),
  },
  {
    form: 'ONNX, a class for each pixel',
    spec: victim({
      end: (g, z) => [
        {
          name: g.op('Expand', [g.op('Unsqueeze', [z, g.ints([2, 3])]), g.ints([1, classes, side, side])]),
          dims: ['batch', classes, side, side],
        },
      ],
    }),
    refused: /each pixel|segment|one number per class/i,
  },
  {
    form: 'ONNX, logits beside labels',
    spec: victim({
      end: (g, z) => [
        { name: g.op('ArgMax', [z], { axis: 1, keepdims: 0 }), dims: ['batch'], type: 'int64' },
        { name: z, dims: ['batch', classes] },
      ],
    }),
  },
  {
    form: 'ONNX, logits beside probabilities',
    spec: victim({
      end: (g, z) => [
        { name: g.op('Softmax', [z], { axis: -1 }), dims: ['batch', classes] },
        { name: z, dims: ['batch', classes] },
      ],
    }),
    refused: /Write which of them is meant: output: /,
  },
  {
    form: 'ONNX, an output that the spec names',
    spec: () => {
      const file = model({
        end: (g, z) => {
          g.node('Mul', [z, g.scalar(2, 'float32')], ['twice']);
          return [
            { name: z, dims: ['batch', classes] },
            { name: 'twice', dims: ['batch', classes] },
          ];
        },
      });
      return { victim: { model: file, output: 'twice' } };
    },
  },
  {
    form: 'ONNX, labels alone',
    spec: victim(
      {
        end: (g, z) => [
          { name: g.op('ArgMax', [z], { axis: 1, keepdims: 0 }), dims: ['batch'], type: 'int64' },
        ],
      },
      { output: { is: 'labels', classes } },
      { attack: byDecisions },
    ),
  },
  {
    form: 'ONNX, labels alone, under an attack with gradients',
    spec: victim(
      {
        end: (g, z) => [
          { name: g.op('ArgMax', [z], { axis: 1, keepdims: 0 }), dims: ['batch'], type: 'int64' },
        ],
      },
      { output: { is: 'labels', classes } },
    ),
    refused: /labels alone, which have no gradient\. Attack it with hop-skip-jump/,
  },
  {
    form: 'ONNX, a second input that the spec gives',
    spec: victim(
      {
        inputs: [{ name: 'gain', type: 'float32', dims: ['batch', 1] }],
        end: (g, z) => [{ name: g.mul(z, 'gain'), dims: ['batch', classes] }],
      },
      { inputs: { gain: 2 } },
    ),
  },
  {
    form: 'ONNX, a second input that nobody gives',
    spec: victim({
      inputs: [{ name: 'gain', type: 'float32', dims: ['batch', 1] }],
      end: (g, z) => [{ name: g.mul(z, 'gain'), dims: ['batch', classes] }],
    }),
    refused: /one of them is attacked/,
  },
  {
    form: 'ONNX, scikit-learn: labels beside probabilities (ai.onnx.ml)',
    spec: victim(
      flat({
        opset: 18,
        domains: { 'ai.onnx.ml': 1 },
        logits: (g, x) => {
          const coefficients = Array.from({ length: classes * side ** 2 }, (_, k) =>
            (k % side ** 2) % classes === Math.floor(k / side ** 2) ? 10 : 0,
          );
          foreign(g, 'ai.onnx.ml', 'LinearClassifier', [x], ['label', 'scores'], {
            coefficients: { floats: coefficients },
            intercepts: { floats: [0, 0, 0] },
            classlabels_ints: [0, 1, 2],
            multi_class: 1,
            post_transform: 'SOFTMAX',
          });
          return 'scores';
        },
        end: () => [
          { name: 'label', dims: ['batch'], type: 'int64' },
          { name: 'scores', dims: ['batch', classes] },
        ],
      }),
      {},
      { attack: byDecisions },
    ),
  },
  {
    form: "ONNX Runtime's fused operators",
    spec: victim({
      domains: { 'com.microsoft': 1 },
      logits: (g, x, weight) => {
        foreign(g, 'com.microsoft', 'FusedGemm', [x, weight], ['fused'], {
          activation: 'LeakyRelu',
          activation_alpha: float(0.2),
        });
        return 'fused';
      },
    }),
  },
  {
    form: 'ONNX, an operator that nobody knows',
    spec: victim({ logits: (g, x, weight) => g.op('NoSuchOperator', [x, weight]) }),
    refused: /NoSuchOperator/,
  },
  {
    form: 'ONNX with rounding on the way',
    spec: victim({ begin: (g, x) => g.op('Round', [g.mul(x, g.scalar(16, 'float32'))]) }),
    refused: /straightThrough/,
  },
  {
    form: 'ONNX with rounding, `straightThrough`',
    spec: victim(
      { begin: (g, x) => g.op('Round', [g.mul(x, g.scalar(16, 'float32'))]) },
      { gradients: { straightThrough: true } },
      { attack: { ...pgd, params: { epsilon: 0.2, steps: 20, loss: 'margin' } } },
    ),
  },
  {
    form: 'ONNX with rounding, attacked by scores',
    spec: victim(
      { begin: (g, x) => g.op('Round', [g.mul(x, g.scalar(16, 'float32'))]) },
      {},
      { attack: { use: 'square', params: { epsilon: 0.2, queries: 500 } } },
    ),
  },
  {
    form: 'ONNX, cut off',
    spec: damaged((bytes) => bytes.subarray(0, 100)),
    refused: /only the beginning of one .*export it again/,
  },
  {
    form: 'ONNX, empty',
    spec: damaged(() => new Uint8Array()),
    refused: /The file is empty\. Copy it again/,
  },
];
