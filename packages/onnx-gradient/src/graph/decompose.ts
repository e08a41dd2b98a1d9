import { elementNumber, elementType } from '../model/element-types.js';
import { float } from '../model/attributes.js';
import type { Node } from '../model/graph.js';
import { positive } from '../shapes/dims.js';
import { affineGrid } from './affine-grid.js';
import { attention, fusedRotaryEmbedding, rotaryEmbedding } from './attention.js';
import type { Builder } from './builder.js';
import { convolutionOf, type Decomposition } from './decomposition.js';
import { deformableConvolution } from './deformable.js';
import { determinant } from './determinant.js';
import { fourier, shortTimeFourier } from './fourier.js';
import { lpPool } from './lp-pool.js';
import { negativeLogLikelihood, softmaxCrossEntropy } from './losses.js';
import { quantised } from './quantised.js';
import { recurrent } from './recurrent.js';
import { roiAlign } from './roi-align.js';
import { centerCropPad, cumulativeProduct, tensorScatter } from './sequences.js';
import type { UpgradeContext } from './upgrade-context.js';

const last = (node: Node, c: UpgradeContext, axis: number): number[] | undefined => {
  const rank = c.rank(node.inputs[0]);
  if (rank === undefined) return axis === -1 ? [-1] : undefined;
  return Array.from({ length: rank }, (_, i) => i).slice(positive(axis, rank));
};

/** x / √(mean x² + ε) · scale (Zhang & Sennrich 2019). */
const rmsNormalization: Decomposition = (g, node, c) => {
  const [x, scale] = node.inputs;
  const axes = last(node, c, node.attributes.int('axis', -1));
  const type = c.type(x);
  if (!axes || !type) return undefined;
  const epsilon = g.scalar(node.attributes.float('epsilon', Math.fround(1e-5)), type);
  const length = g.op('Sqrt', [g.add(g.mean(g.mul(x, x), axes), epsilon)]);
  return [g.mul(g.div(x, length), scale)];
};

/** (x − μ) / √(σ² + ε), where μ or 1 / √(σ² + ε) are outputs, too; without these it has a rule of its own. */
const layerNormalization: Decomposition = (g, node, c) => {
  if (!node.outputs[1] && !node.outputs[2]) return undefined;
  const [x, scale, bias] = node.inputs;
  const axes = last(node, c, node.attributes.int('axis', -1));
  const type = c.type(x);
  if (!axes || !type) return undefined;
  const mean = g.mean(x, axes);
  const centred = g.sub(x, mean);
  const epsilon = g.scalar(node.attributes.float('epsilon', Math.fround(1e-5)), type);
  const inverse = g.op('Reciprocal', [g.op('Sqrt', [g.add(g.mean(g.mul(centred, centred), axes), epsilon)])]);
  const scaled = g.mul(g.mul(centred, inverse), scale);
  return [bias ? g.add(scaled, bias) : scaled, mean, inverse];
};

/** Columns by their positions, in whatever shape these are; of a vector, a row. */
const arrayFeatures: Decomposition = (g, { inputs: [x, indices] }, c) => {
  const taken = g.op('Gather', [x, g.op('Reshape', [indices, g.ints([-1])])], { axis: -1 });
  return [c.rank(x) === 1 ? g.op('Unsqueeze', [taken, g.ints([0])]) : taken];
};

const lpNormalization: Decomposition = (g, node, c) => {
  const [x] = node.inputs;
  const type = c.type(x);
  if (!type) return undefined;
  const reduce = node.attributes.int('p', 2) === 1 ? 'ReduceL1' : 'ReduceL2';
  const length = g.op(reduce, [x, g.ints([node.attributes.int('axis', -1)])], { keepdims: 1 });
  const isZero = g.op('Equal', [length, g.scalar(0, type)]);
  return [g.div(x, g.where(isZero, g.scalar(1, type), length))];
};

const meanVariance: Decomposition = (g, node, c) => {
  const [x] = node.inputs;
  const type = c.type(x);
  if (!type) return undefined;
  const axes = node.attributes.ints('axes') ?? [0, 2, 3];
  const mean = g.mean(x, axes);
  const variance = g.sub(g.mean(g.mul(x, x), axes), g.mul(mean, mean));
  return [g.div(g.sub(x, mean), g.add(g.op('Sqrt', [variance]), g.scalar(1e-9, type)))];
};

const swish: Decomposition = (g, node, c) => {
  const [x] = node.inputs;
  const type = c.type(x) ?? 'float32';
  const scaled = g.mul(x, g.scalar(node.attributes.float('alpha', 1), type));
  return [g.mul(x, g.op('Sigmoid', [scaled]))];
};

function gelu(g: Builder, x: string): string {
  const cdf = g.add(g.scalar(1, 'float32'), g.op('Erf', [g.mul(x, g.scalar(Math.SQRT1_2, 'float32'))]));
  return g.mul(g.mul(x, g.scalar(0.5, 'float32')), cdf);
}

/** The tanh approximation. */
function fastGelu(g: Builder, x: string): string {
  const cube = g.mul(g.mul(x, x), x);
  const inner = g.add(x, g.mul(cube, g.scalar(0.044715, 'float32')));
  const t = g.op('Tanh', [g.mul(inner, g.scalar(Math.sqrt(2 / Math.PI), 'float32'))]);
  return g.mul(g.mul(x, g.scalar(0.5, 'float32')), g.add(g.scalar(1, 'float32'), t));
}

/** What ONNX Runtime's fused operators do last. */
function activated(g: Builder, node: Node, x: string, params: readonly number[]): string | undefined {
  const name = node.attributes.string('activation', '');
  const scalar = (i: number) => g.scalar(params[i], 'float32');
  if (name === '') return x;
  if (['Relu', 'Sigmoid', 'Tanh'].includes(name)) return g.op(name, [x]);
  if (name === 'LeakyRelu') return g.op(name, [x], { alpha: float(params[0]) });
  if (name === 'HardSigmoid') return g.op(name, [x], { alpha: float(params[0]), beta: float(params[1]) });
  if (name === 'Clip') return g.op(name, [x, scalar(0), scalar(1)]);
  return undefined;
}

const fusedConv: Decomposition = (g, node) => {
  const [x, w, bias, sum] = node.inputs;
  const { attributes } = node;
  const made = g.op('Conv', bias ? [x, w, bias] : [x, w], convolutionOf(attributes));
  const whole = sum ? g.add(made, sum) : made;
  const result = activated(g, node, whole, attributes.floats('activation_params') ?? []);
  return result === undefined ? undefined : [result];
};

const fusedGemm: Decomposition = (g, node) => {
  const { attributes } = node;
  const made = g.op('Gemm', node.inputs, {
    alpha: float(attributes.float('alpha', 1)),
    beta: float(attributes.float('beta', 1)),
    transA: attributes.int('transA', 0),
    transB: attributes.int('transB', 0),
  });
  const params = ['alpha', 'beta', 'gamma'].map((name) => attributes.float(`activation_${name}`, 0));
  const result = activated(g, node, made, params);
  return result === undefined ? undefined : [result];
};

const fusedMatMul: Decomposition = (g, node, c) => {
  const { attributes } = node;
  if (attributes.int('transBatchA', 0) || attributes.int('transBatchB', 0)) return undefined;
  const turned = (name: string, flag: string) => {
    if (!attributes.int(flag, 0)) return name;
    const rank = c.rank(name);
    if (rank === undefined) return undefined;
    const perm = Array.from({ length: rank }, (_, i) => i);
    [perm[rank - 2], perm[rank - 1]] = [rank - 1, rank - 2];
    return g.transpose(name, perm);
  };
  const [a, b] = [turned(node.inputs[0], 'transA'), turned(node.inputs[1], 'transB')];
  if (a === undefined || b === undefined) return undefined;
  return [g.mul(g.op('MatMul', [a, b]), g.scalar(attributes.float('alpha', 1), 'float32'))];
};

const skipLayerNormalization: Decomposition = (g, node) => {
  const [x, skip, gamma, beta, bias] = node.inputs;
  const sum = bias ? g.add(g.add(x, skip), bias) : g.add(x, skip);
  const epsilon = float(node.attributes.float('epsilon', Math.fround(1e-12)));
  const inputs = beta ? [sum, gamma, beta] : [sum, gamma];
  if (node.outputs[1] || node.outputs[2]) return undefined;
  return [g.op('LayerNormalization', inputs, { axis: -1, epsilon }), '', '', sum];
};

/** By domain and operator. */
export const decompositions: Record<string, Decomposition | undefined> = {
  RMSNormalization: rmsNormalization,
  SimplifiedLayerNormalization: rmsNormalization,
  LayerNormalization: layerNormalization,
  NegativeLogLikelihoodLoss: negativeLogLikelihood,
  SoftmaxCrossEntropyLoss: softmaxCrossEntropy,
  CumProd: cumulativeProduct,
  CenterCropPad: centerCropPad,
  DFT: fourier,
  STFT: shortTimeFourier,
  Det: determinant,
  DeformConv: deformableConvolution,
  TensorScatter: tensorScatter,
  Scatter: (g, node) => [g.op('ScatterElements', node.inputs, { axis: node.attributes.int('axis', 0) })],
  LpNormalization: lpNormalization,
  MeanVarianceNormalization: meanVariance,
  LpPool: lpPool,
  AffineGrid: affineGrid,
  Swish: swish,
  Attention: attention,
  RotaryEmbedding: rotaryEmbedding,
  RoiAlign: roiAlign,
  // Keras writes many casts to the type that a value has. ONNX Runtime 1.30 crashes on some chains of them.
  Cast: (_, { inputs: [x], attributes }, c) =>
    c.type(x) === elementType(attributes.int('to', 1)) ? [x] : undefined,
  CastLike: (g, node, c) => {
    const type = c.type(node.inputs[1]);
    return type && [g.op('Cast', [node.inputs[0]], { to: elementNumber(type) })];
  },
  LSTM: recurrent,
  GRU: recurrent,
  RNN: recurrent,
  'ai.onnx.ml:ArrayFeatureExtractor': arrayFeatures,
  'com.microsoft:Gelu': (g, { inputs: [x] }) => [gelu(g, x)],
  'com.microsoft:BiasGelu': (g, { inputs: [x, bias] }) => [gelu(g, g.add(x, bias))],
  'com.microsoft:FastGelu': (g, { inputs: [x, bias] }) => [fastGelu(g, bias ? g.add(x, bias) : x)],
  'com.microsoft:QuickGelu': (g, { inputs: [x], attributes }) => [
    g.mul(x, g.op('Sigmoid', [g.mul(x, g.scalar(attributes.float('alpha', 1.702), 'float32'))])),
  ],
  'com.microsoft:RotaryEmbedding': fusedRotaryEmbedding,
  'com.microsoft:FusedConv': fusedConv,
  'com.microsoft:FusedGemm': fusedGemm,
  'com.microsoft:FusedMatMul': fusedMatMul,
  'com.microsoft:SkipLayerNormalization': skipLayerNormalization,
  ...quantised,
};
