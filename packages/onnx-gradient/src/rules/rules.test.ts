import { describe, expect, it } from 'vitest';
import { type GradientOptions, withGradients } from '../gradient.js';
import { expectGradients, type Feeds, graphOf, random, spaced } from '../gradient.test-support.js';
import type { Builder } from '../graph/builder.js';
import { type AttributeInput, float } from '../model/attributes.js';
import type { Dim } from '../model/graph.js';
import { rules } from './index.js';

interface Case {
  /** Sizes of the inputs; `N` stands for 2. */
  inputs: Record<string, readonly Dim[]>;
  write: (g: Builder) => string | string[];
  opset?: number;
  options?: GradientOptions & { step?: number };
  /** Default: spaced values around zero. */
  feeds?: (name: string, dims: number[]) => Feeds[string];
}

const image: Dim[] = ['N', 4, 5, 6];
const weights = (g: Builder, dims: readonly number[], seed = 5, scale = 0.5) =>
  g.filled('float32', dims, random(dims, seed, scale).data as Float32Array);
const positive = (name: string, dims: number[]) => {
  const x = spaced(dims, name.length + 3, 0.02);
  (x.data as Float32Array).forEach((value, i, all) => (all[i] = 0.5 + Math.abs(value) * 1.3));
  return x;
};

const on = (
  dims: readonly Dim[],
  op: string,
  attributes: Record<string, AttributeInput> = {},
  rest: Partial<Case> = {},
): Case => ({ inputs: { x: dims }, write: (g) => g.op(op, ['x'], attributes), ...rest });
const conv = (filter: number[], attributes: Record<string, AttributeInput>, dims = image): Case => ({
  inputs: { x: dims },
  write: (g) => g.op('Conv', ['x', weights(g, filter), weights(g, [filter[0]], 9)], attributes),
});
const transposed = (filter: number[], attributes: Record<string, AttributeInput>, dims = image): Case => ({
  inputs: { x: dims },
  write: (g) => g.op('ConvTranspose', ['x', weights(g, filter)], attributes),
});
const two = (op: string, a: readonly Dim[], b: readonly Dim[], rest: Partial<Case> = {}): Case => ({
  inputs: { a, b },
  write: (g) => g.op(op, ['a', 'b']),
  ...rest,
});
const pool = (op: string, attributes: Record<string, AttributeInput>, rest: Partial<Case> = {}) =>
  on(['N', 2, 5, 7], op, attributes, rest);
const forWebGpu = { options: { target: 'webgpu' as const } };
const pick = (op: string, rest: (g: Builder) => string[], attributes = {}, dims = image): Case => ({
  inputs: { x: dims },
  write: (g) => g.op(op, ['x', ...rest(g)], attributes),
});
const resized = (
  attributes: Record<string, AttributeInput>,
  scales: number[],
  dims: readonly Dim[] = ['N', 2, 4, 5],
): Case => ({
  inputs: { x: dims },
  write: (g) => g.op('Resize', ['x', '', g.filled('float32', [scales.length], scales)], attributes),
});
const normal = (op: string, count: number, attributes = {}, rest: Partial<Case> = {}): Case => ({
  inputs: { x: image },
  write: (g) => g.op(op, ['x', weights(g, [count], 3, 1), weights(g, [count], 4)], attributes),
  ...rest,
});

const ein = (equation: string, a: readonly Dim[], b: readonly Dim[]): Case => ({
  inputs: { a, b },
  write: (g) => g.op('Einsum', ['a', 'b'], { equation }),
});

const sampled = (attributes: Record<string, AttributeInput>): Case => ({
  inputs: { x: [2, 3, 4, 5], at: [2, 3, 2, 2] },
  write: (g) => g.op('GridSample', ['x', 'at'], attributes),
  opset: 20,
  // Inside and outside; small steps, since the slope jumps at the middle of each pixel.
  options: { step: 1e-3 },
  feeds: (name, dims) => spaced(dims, 3, name === 'at' ? 0.097 : 0.05),
});

const cases: Record<string, Case> = {
  Relu: on(image, 'Relu'),
  LeakyRelu: on(image, 'LeakyRelu', { alpha: float(0.2) }),
  PRelu: { inputs: { x: image, slope: [4, 1, 1] }, write: (g) => g.op('PRelu', ['x', 'slope']) },
  ThresholdedRelu: on(image, 'ThresholdedRelu', { alpha: float(1) }),
  'ThresholdedRelu (below zero)': on(image, 'ThresholdedRelu', { alpha: float(-1) }),
  Shrink: on(image, 'Shrink', { lambd: float(0.6), bias: float(0.2) }),
  Elu: on(image, 'Elu', { alpha: float(1.5) }),
  Selu: on(image, 'Selu'),
  Celu: on(image, 'Celu', { alpha: float(0.7) }),
  'Gelu (exact)': on(image, 'Gelu', {}, { opset: 20 }),
  'Gelu (tanh)': on(image, 'Gelu', { approximate: 'tanh' }, { opset: 20 }),
  Sigmoid: on(image, 'Sigmoid'),
  HardSigmoid: on(image, 'HardSigmoid'),
  HardSwish: on(image, 'HardSwish'),
  Mish: on(image, 'Mish'),
  Softplus: on(image, 'Softplus'),
  Softsign: on(image, 'Softsign'),
  Tanh: on(image, 'Tanh'),
  Erf: on(image, 'Erf'),
  Exp: on(['N', 20], 'Exp'),
  Log: on(image, 'Log', {}, { feeds: positive }),
  Sqrt: on(image, 'Sqrt', {}, { feeds: positive }),
  Reciprocal: on(image, 'Reciprocal', {}, { feeds: positive }),
  Abs: on(image, 'Abs'),
  Neg: on(image, 'Neg'),
  Sin: on(image, 'Sin'),
  Cos: on(image, 'Cos'),
  Tan: on(['N', 20], 'Tan'),
  Asin: on(['N', 8], 'Asin'),
  Acos: on(['N', 8], 'Acos'),
  Atan: on(image, 'Atan'),
  Sinh: on(['N', 20], 'Sinh'),
  Cosh: on(['N', 20], 'Cosh'),
  Asinh: on(image, 'Asinh'),
  Acosh: {
    inputs: { x: ['N', 8] },
    write: (g) => g.op('Acosh', [g.add('x', g.scalar(3, 'float32'))]),
  },
  Atanh: on(['N', 8], 'Atanh'),
  Mod: {
    inputs: { a: ['N', 7], b: ['N', 7] },
    write: (g) => g.op('Mod', ['a', 'b'], { fmod: 1 }),
    feeds: (name, dims) => {
      const x = spaced(dims, name.charCodeAt(0), 0.05);
      (x.data as Float32Array).forEach((v, i, all) => (all[i] = name === 'a' ? 4.5 + v / 4 : 1.3 + v / 20));
      return x;
    },
  },
  Identity: on(image, 'Identity'),
  'Cast (to double and back)': {
    inputs: { x: image },
    write: (g) => g.cast(g.mul(g.cast('x', 'float64'), g.scalar(3, 'float64')), 'float32'),
  },
  'Pow (square)': { inputs: { x: image }, write: (g) => g.op('Pow', ['x', g.scalar(2, 'float32')]) },
  'Pow (integer exponent)': { inputs: { x: image }, write: (g) => g.op('Pow', ['x', g.scalar(3, 'int64')]) },
  Pow: two('Pow', ['N', 6], ['N', 6], { feeds: positive }),
  Clip: {
    inputs: { x: image },
    write: (g) => g.op('Clip', ['x', g.scalar(-1, 'float32'), g.scalar(2, 'float32')]),
  },
  'Clip (from below)': { inputs: { x: image }, write: (g) => g.op('Clip', ['x', g.scalar(-0.5, 'float32')]) },
  Add: two('Add', image, image),
  'Add (broadcast)': two('Add', image, [4, 1, 1]),
  'Add (same value twice)': { inputs: { x: image }, write: (g) => g.add('x', 'x') },
  Sub: two('Sub', image, ['N', 1, 5, 1]),
  Mul: two('Mul', image, ['N', 4, 1, 1]),
  'Mul (the left one broadcast)': two('Mul', [6], image),
  Div: two('Div', image, [4, 1, 6], { feeds: positive }),
  Sum: { inputs: { a: image, b: [6], c: image }, write: (g) => g.op('Sum', ['a', 'b', 'c']) },
  Mean: { inputs: { a: image, b: [6], c: image }, write: (g) => g.op('Mean', ['a', 'b', 'c']) },
  'Max (two)': two('Max', image, ['N', 1, 5, 6]),
  Max: {
    inputs: { a: ['N', 8], b: ['N', 8], c: ['N', 8] },
    write: (g) => g.op('Max', ['a', 'b', 'c']),
    // Offsets keep operands apart.
    feeds: (name, dims) => {
      const x = spaced(dims, name.charCodeAt(0), 0.3);
      (x.data as Float32Array).forEach((v, i, all) => (all[i] = v + name.charCodeAt(0) * 0.1));
      return x;
    },
  },
  Min: two('Min', image, image),
  Where: {
    inputs: { a: image, b: [4, 1, 6] },
    write: (g) => g.where(g.op('Greater', ['a', g.scalar(0, 'float32')]), g.mul('a', 'b'), 'b'),
  },
  // x² sign(x), as LpPool and others are written out.
  'Mul (with a sign, which counts as constant)': {
    inputs: { a: image },
    write: (g) => g.mul(g.op('Sign', ['a']), g.mul('a', 'a')),
  },
  MatMul: two('MatMul', ['N', 3, 4], ['N', 4, 5]),
  'MatMul (broadcast batch)': two('MatMul', ['N', 2, 3, 4], [2, 4, 5]),
  'MatMul (vector on the right)': two('MatMul', ['N', 3, 4], [4]),
  'MatMul (vector on the left)': two('MatMul', [3], ['N', 3, 5]),
  'MatMul (two vectors)': two('MatMul', [4], [4]),
  'Einsum (batched product)': ein('bij,bjk->bik', ['N', 3, 4], ['N', 4, 5]),
  'Einsum (summed over a letter of one operand)': ein('bij,bk->bk', ['N', 3, 4], ['N', 5]),
  'Einsum (ellipsis, no result)': ein('...ij,kj', ['N', 3, 4], [5, 4]),
  'MatMul (matrix on the right)': two('MatMul', ['N', 3, 4], [4, 5]),
  Gemm: {
    inputs: { a: ['N', 5], b: [5, 3], c: [3] },
    write: (g) => g.op('Gemm', ['a', 'b', 'c'], { alpha: float(0.5), beta: float(2) }),
  },
  'Gemm (both transposed)': {
    inputs: { a: [5, 2], b: [3, 5] },
    write: (g) => g.op('Gemm', ['a', 'b'], { transA: 1, transB: 1 }),
  },
  'Gemm (right one transposed)': two('Gemm', ['N', 5], [3, 5], {
    write: (g) => g.op('Gemm', ['a', 'b'], { transB: 1 }),
  }),
  Conv: conv([3, 4, 3, 3], {}),
  'Conv (padded)': conv([3, 4, 3, 3], { pads: [1, 1, 1, 1] }),
  'Conv (uneven pads)': conv([3, 4, 2, 3], { pads: [1, 0, 0, 2] }),
  'Conv (many channels)': conv([3, 9, 3, 3], {}, ['N', 9, 5, 6]),
  'Conv (many channels, uneven pads)': conv([3, 9, 2, 3], { pads: [1, 0, 0, 2] }, ['N', 9, 5, 6]),
  'Conv (many channels, dilated)': conv([3, 9, 2, 3], { dilations: [2, 2], pads: [0, 1, 1, 1] }, [
    'N',
    9,
    5,
    6,
  ]),
  'Conv (pads larger than the filter)': conv([3, 4, 2, 2], { pads: [3, 2, 1, 2] }),
  'Conv (same upper)': conv([3, 4, 4, 2], { auto_pad: 'SAME_UPPER', strides: [2, 1] }),
  'Conv (same lower)': conv([3, 4, 2, 4], { auto_pad: 'SAME_LOWER' }),
  'Conv (stride)': conv([3, 4, 3, 2], { strides: [2, 3], pads: [1, 0, 1, 0] }),
  'Conv (dilated)': conv([3, 4, 2, 3], { dilations: [2, 2], pads: [0, 1, 1, 1] }),
  'Conv (dilated, stride)': conv([3, 4, 2, 2], { dilations: [2, 3], strides: [2, 2] }),
  'Conv (groups)': conv([6, 2, 3, 3], { group: 2, pads: [1, 1, 1, 1] }),
  'Conv (depthwise, four for one, stride)': conv([16, 1, 3, 3], { group: 4, strides: [2, 2] }),
  'Conv (depthwise, four for one, stride, for WebGPU)': {
    ...conv([16, 1, 3, 3], { group: 4, strides: [2, 2] }),
    ...forWebGpu,
  },
  'Conv (depthwise)': conv([8, 1, 3, 3], { group: 4 }),
  'Conv (depthwise, stride)': conv([4, 1, 3, 3], { group: 4, strides: [2, 2], pads: [1, 1, 1, 1] }),
  'Conv (one-dimensional)': conv([3, 4, 3], { pads: [1, 1] }, ['N', 4, 9]),
  'Conv (three-dimensional)': conv([2, 2, 2, 2, 2], { strides: [1, 2, 1] }, ['N', 2, 3, 4, 3]),
  'Conv (filter that is computed)': {
    inputs: { x: image },
    write: (g) => g.op('Conv', ['x', g.op('Tanh', [weights(g, [3, 4, 3, 3])])]),
  },
  ConvTranspose: transposed([4, 3, 3, 3], {}, ['N', 4, 3, 4]),
  'ConvTranspose (stride, padding)': transposed(
    [4, 3, 3, 3],
    { strides: [2, 2], pads: [1, 1, 1, 1], output_padding: [1, 1] },
    ['N', 4, 3, 4],
  ),
  'ConvTranspose (groups, dilated)': transposed([4, 2, 2, 2], { group: 2, dilations: [2, 1] }, [
    'N',
    4,
    3,
    4,
  ]),
  'ConvTranspose (output shape)': transposed([4, 2, 3, 3], { strides: [2, 2], output_shape: [6, 8] }, [
    'N',
    4,
    3,
    4,
  ]),
  'MaxPool (apart)': pool('MaxPool', { kernel_shape: [2, 2], strides: [2, 2] }),
  'MaxPool (apart, even sizes)': on(['N', 2, 4, 6], 'MaxPool', { kernel_shape: [2, 2], strides: [2, 2] }),
  'MaxPool (apart, wide)': on(['N', 1, 2, 256], 'MaxPool', { kernel_shape: [2, 2], strides: [2, 2] }),
  'MaxPool (of a rectifier)': pool(
    'MaxPool',
    { kernel_shape: [2, 2], strides: [2, 2] },
    { write: (g) => g.op('MaxPool', [g.op('Relu', ['x'])], { kernel_shape: [2, 2], strides: [2, 2] }) },
  ),
  'MaxPool (overlapping)': pool('MaxPool', { kernel_shape: [3, 2], strides: [1, 1], pads: [1, 1, 1, 0] }),
  'MaxPool (ceil)': pool('MaxPool', { kernel_shape: [2, 2], strides: [2, 2], ceil_mode: 1 }),
  'MaxPool (dilated)': pool('MaxPool', { kernel_shape: [2, 2], dilations: [2, 2] }),
  'MaxPool (for WebGPU)': pool('MaxPool', { kernel_shape: [2, 2], strides: [2, 2] }, forWebGpu),
  'MaxPool (for WebGPU, overlapping, padded)': pool(
    'MaxPool',
    { kernel_shape: [3, 2], strides: [2, 1], pads: [1, 1, 1, 0] },
    forWebGpu,
  ),
  'MaxPool (for WebGPU, ceil)': pool(
    'MaxPool',
    { kernel_shape: [2, 3], strides: [2, 3], ceil_mode: 1 },
    forWebGpu,
  ),
  AveragePool: pool('AveragePool', { kernel_shape: [2, 2], strides: [2, 2] }),
  'AveragePool (overlapping, padded)': pool('AveragePool', {
    kernel_shape: [3, 3],
    strides: [2, 1],
    pads: [1, 1, 1, 1],
  }),
  'AveragePool (padding counted)': pool('AveragePool', {
    kernel_shape: [3, 3],
    pads: [1, 1, 1, 1],
    count_include_pad: 1,
  }),
  'AveragePool (ceil)': pool('AveragePool', { kernel_shape: [2, 2], strides: [2, 2], ceil_mode: 1 }),
  GlobalAveragePool: on(image, 'GlobalAveragePool'),
  GlobalMaxPool: on(image, 'GlobalMaxPool'),
  BatchNormalization: {
    inputs: { x: image },
    write: (g) =>
      g.op('BatchNormalization', [
        'x',
        weights(g, [4], 1),
        weights(g, [4], 2),
        weights(g, [4], 3),
        g.filled('float32', [4], [0.5, 1, 2, 3]),
      ]),
  },
  InstanceNormalization: normal('InstanceNormalization', 4),
  LayerNormalization: normal('LayerNormalization', 6),
  'LayerNormalization (two axes)': {
    inputs: { x: image },
    write: (g) => g.op('LayerNormalization', ['x', weights(g, [5, 6], 3, 1)], { axis: -2 }),
  },
  'GroupNormalization (per group)': normal('GroupNormalization', 2, { num_groups: 2 }, { opset: 18 }),
  'GroupNormalization (per channel)': normal('GroupNormalization', 4, { num_groups: 2 }, { opset: 21 }),
  LRN: on(['N', 7, 2, 3], 'LRN', { size: 3, alpha: float(0.5), beta: float(0.6), bias: float(1.2) }),
  Softmax: on(['N', 7, 3], 'Softmax', { axis: 1 }),
  'Softmax (old form)': on(['N', 3, 4], 'Softmax', { axis: 1 }, { opset: 11 }),
  LogSoftmax: on(['N', 7], 'LogSoftmax'),
  Flatten: on(image, 'Flatten'),
  Reshape: pick('Reshape', (g) => [g.ints([0, -1])]),
  'Reshape (computed)': pick('Reshape', (g) => [
    g.op('Concat', [g.op('Gather', [g.shape('x'), g.ints([0])]), g.ints([-1])], { axis: 0 }),
  ]),
  Transpose: on(image, 'Transpose', { perm: [0, 2, 3, 1] }),
  'Transpose (default order)': on(image, 'Transpose'),
  Squeeze: pick('Squeeze', (g) => [g.ints([1])], {}, ['N', 1, 5]),
  Unsqueeze: pick('Unsqueeze', (g) => [g.ints([1, -1])]),
  Concat: {
    inputs: { a: image, b: ['N', 2, 5, 6] },
    write: (g) => g.op('Concat', ['a', 'b', 'a'], { axis: 1 }),
  },
  Split: {
    inputs: { x: image },
    write: (g) => {
      g.node('Split', ['x', g.ints([1, 3])], ['p', 'q'], { axis: 1 });
      return g.op('Tanh', ['q']);
    },
  },
  'Split (both used)': {
    inputs: { x: image },
    write: (g) => {
      g.node('Split', ['x'], ['p', 'q'], { axis: 1, num_outputs: 2 });
      return g.mul('p', 'q');
    },
  },
  Slice: pick('Slice', (g) => [g.ints([1, -4]), g.ints([3, 100]), g.ints([1, 3])]),
  'Slice (nothing taken)': {
    inputs: { x: ['N', 4, 5] },
    write: (g) => [g.op('Tanh', ['x']), g.op('Slice', ['x', g.ints([3, 1]), g.ints([3, 2]), g.ints([1, 2])])],
  },
  GatherElements: pick(
    'GatherElements',
    (g) => [g.filled('int64', [2, 2, 2], [0, 1, 1, 1, 2, 0, 0, -1])],
    { axis: 1 },
    [2, 3, 4],
  ),
  GatherND: pick('GatherND', (g) => [g.filled('int64', [3, 2], [0, 1, 1, 2, 0, 1])], {}, [2, 3, 4]),
  ScatterElements: {
    inputs: { x: [2, 5], u: [2, 2] },
    write: (g) =>
      g.op('Tanh', [
        g.op('ScatterElements', ['x', g.filled('int64', [2, 2], [1, 3, 0, 4]), 'u'], { axis: 1 }),
      ]),
  },
  'ScatterElements (added)': {
    inputs: { x: [2, 5], u: [2, 2] },
    write: (g) =>
      g.op('Tanh', [
        g.op('ScatterElements', ['x', g.filled('int64', [2, 2], [1, 1, 0, 4]), 'u'], {
          axis: 1,
          reduction: 'add',
        }),
      ]),
  },
  ...Object.fromEntries(
    // Two updates for one cell, and cells that keep what they had.
    ['mul', 'max', 'min'].flatMap((reduction): [string, Case][] => [
      [
        `ScatterElements (${reduction})`,
        {
          inputs: { x: [2, 5], u: [2, 2] },
          write: (g) =>
            g.op('ScatterElements', ['x', g.filled('int64', [2, 2], [1, 1, 0, 4]), 'u'], {
              axis: 1,
              reduction,
            }),
        },
      ],
      [
        `ScatterND (${reduction})`,
        {
          inputs: { x: [4, 3], u: [3, 3] },
          write: (g) => g.op('ScatterND', ['x', g.filled('int64', [3, 1], [3, 1, 3]), 'u'], { reduction }),
        },
      ],
    ]),
  ),
  MaxUnpool: {
    inputs: { x: [2, 3, 4, 6] },
    write: (g) => {
      const window = { kernel_shape: [2, 2], strides: [2, 2] };
      g.node('MaxPool', ['x'], ['most', 'where'], window);
      return g.op('MaxUnpool', [g.op('Tanh', ['most']), 'where'], window);
    },
  },
  ScatterND: {
    inputs: { x: [4, 3], u: [2, 3] },
    write: (g) => g.op('Tanh', [g.op('ScatterND', ['x', g.filled('int64', [2, 1], [3, 1]), 'u'])]),
  },
  TopK: {
    inputs: { x: ['N', 3, 6] },
    write: (g) => {
      g.node('TopK', ['x', g.ints([2])], ['best', 'where'], { axis: -1 });
      return g.op('Tanh', ['best']);
    },
  },
  CumSum: pick('CumSum', (g) => [g.scalar(2, 'int64')], { exclusive: 1 }),
  'CumSum (from the right)': pick('CumSum', (g) => [g.scalar(1, 'int64')], { reverse: 1 }),
  Trilu: pick('Trilu', (g) => [g.scalar(1, 'int64')], { upper: 0 }),
  Tile: pick('Tile', (g) => [g.ints([1, 2, 1, 3])]),
  'Slice (steps, backwards)': pick('Slice', (g) => [
    g.ints([0, -1]),
    g.ints([5, -100]),
    g.ints([2, 3]),
    g.ints([2, -2]),
  ]),
  'Pad (constant)': pick('Pad', (g) => [g.ints([0, 0, 1, 2, 0, 0, 0, 3])]),
  'Pad (cutting)': pick('Pad', (g) => [g.ints([0, 0, -1, 2, 0, 0, 0, -3])]),
  'Pad (reflect)': pick('Pad', (g) => [g.ints([0, 0, 2, 1, 0, 0, 3, 2])], { mode: 'reflect' }),
  'Pad (edge)': pick('Pad', (g) => [g.ints([0, 0, 2, 1, 0, 0, 3, 2])], { mode: 'edge' }),
  Gather: pick('Gather', (g) => [g.ints([2, 0, 2, -1])], { axis: 1 }),
  'Gather (computed positions)': {
    inputs: { x: ['N', 3] },
    write: (g) =>
      g.op('Gather', [
        'x',
        g.cast(
          g.op('Sign', [g.op('Abs', [g.op('ReduceSum', ['x', g.ints([1])], { keepdims: 0 })])]),
          'int64',
        ),
      ]),
  },
  'Gather (many positions, along the second axis)': {
    inputs: { x: ['N', 6, 2] },
    write: (g) => {
      const places = Array.from({ length: 70 }, (_, i) => (i * i) % 6);
      const picked = g.op('Gather', ['x', g.filled('int64', [35, 2], places)], { axis: 1 });
      return g.op('Tanh', [g.mul(picked, weights(g, [35, 2, 2], 4))]);
    },
  },
  'Slice (of an open size)': {
    inputs: { x: ['N', 5] },
    write: (g) => [
      g.op('Tanh', [g.op('Slice', ['x', g.ints([-1]), g.ints([4]), g.ints([0])])]),
      g.op('Sin', [g.op('Slice', ['x', g.ints([0, 1]), g.shape('x')])]),
    ],
  },
  'Slice (from where only running tells)': {
    inputs: { x: [2, 5] },
    write: (g) => {
      const start = g.op('ArgMax', [g.op('Gather', ['x', g.scalar(0, 'int64')])], { keepdims: 1 });
      return g.op('Tanh', [g.op('Slice', ['x', start, g.add(start, g.ints([2])), g.ints([-1])])]);
    },
  },
  'Gather (one, along the positions)': {
    inputs: { x: image },
    write: (g) => g.op('Gather', ['x', g.scalar(1, 'int64')], { axis: 2 }),
  },
  Expand: pick('Expand', (g) => [g.ints([2, 3, 4, 5])], {}, [3, 1, 5]),
  // PyTorch writes "−1 keeps the size" as a choice between two vectors of sizes.
  'Expand (as PyTorch exports it, then Concat)': {
    inputs: { token: [1, 1, 5], x: ['N', 3, 5] },
    write: (g) => {
      const batch = g.op('Gather', [g.shape('x'), g.ints([0])]);
      const wanted = g.op('Reshape', [g.op('Concat', [batch, g.ints([-1, -1])], { axis: 0 }), g.ints([-1])]);
      const ones = g.op('Div', [g.ints([2, 2, 2]), g.ints([2])]);
      const target = g.where(g.op('Equal', [wanted, g.mul(ones, g.ints([-1]))]), ones, wanted);
      return g.op('Tanh', [g.op('Concat', [g.op('Expand', ['token', target]), 'x'], { axis: 1 })]);
    },
  },
  'DepthToSpace (DCR)': on(['N', 8, 2, 3], 'DepthToSpace', { blocksize: 2 }),
  'DepthToSpace (CRD)': on(['N', 8, 2, 3], 'DepthToSpace', { blocksize: 2, mode: 'CRD' }),
  SpaceToDepth: on(['N', 2, 4, 6], 'SpaceToDepth', { blocksize: 2 }),
  'Resize (nearest ×2)': resized(
    { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' },
    [1, 1, 2, 3],
  ),
  'Resize (nearest, uneven)': resized({ mode: 'nearest' }, [1, 1, 1.5, 0.6]),
  'Resize (linear)': resized({ mode: 'linear' }, [1, 1, 2, 1.4]),
  'Resize (linear, corners aligned)': resized(
    { mode: 'linear', coordinate_transformation_mode: 'align_corners' },
    [1, 1, 2, 2],
  ),
  'Resize (linear, PyTorch)': resized(
    { mode: 'linear', coordinate_transformation_mode: 'pytorch_half_pixel' },
    [1, 1, 0.5, 2],
  ),
  'Resize (cubic)': resized({ mode: 'cubic' }, [1, 1, 2, 0.8]),
  'Resize (cubic, outside excluded)': resized({ mode: 'cubic', exclude_outside: 1 }, [1, 1, 2, 2]),
  'Resize (to sizes)': {
    inputs: { x: ['N', 2, 4, 5] },
    write: (g) =>
      g.op(
        'Resize',
        ['x', '', '', g.op('Concat', [g.op('Shape', ['x'], { end: 2 }), g.ints([7, 3])], { axis: 0 })],
        { mode: 'linear' },
      ),
  },
  'Resize (a crop, over its edge)': {
    inputs: { x: [2, 2, 4, 5] },
    write: (g) =>
      g.op(
        'Resize',
        ['x', g.filled('float32', [8], [0, 0, 0.3, -0.2, 1, 1, 0.9, 0.7]), '', g.ints([2, 2, 3, 6])],
        {
          mode: 'linear',
          coordinate_transformation_mode: 'tf_crop_and_resize',
          extrapolation_value: float(10),
        },
      ),
  },
  ...Object.fromEntries(
    ['not_larger', 'not_smaller'].map((policy): [string, Case] => [
      `Resize (the ratio kept, ${policy})`,
      {
        inputs: { x: ['N', 2, 4, 5] },
        write: (g) =>
          g.op('Resize', ['x', '', '', g.ints([7, 6])], {
            mode: 'cubic',
            axes: [2, 3],
            keep_aspect_ratio_policy: policy,
          }),
      },
    ]),
  ),
  ReduceSum: pick('ReduceSum', (g) => [g.ints([1, -1])], { keepdims: 0 }),
  'ReduceSum (all)': on(image, 'ReduceSum'),
  ReduceMean: pick('ReduceMean', (g) => [g.ints([2, 3])]),
  ReduceMax: pick('ReduceMax', (g) => [g.ints([1])], { keepdims: 0 }),
  ReduceMin: pick('ReduceMin', (g) => [g.ints([3])]),
  ReduceLogSumExp: pick('ReduceLogSumExp', (g) => [g.ints([1])], { keepdims: 0 }),
  GridSample: sampled({}),
  'GridSample (corners aligned, border)': sampled({ align_corners: 1, padding_mode: 'border' }),
  'GridSample (mirrored)': sampled({ padding_mode: 'reflection' }),
  'GridSample (mirrored, corners aligned)': sampled({ padding_mode: 'reflection', align_corners: 1 }),
  'GridSample (cubic)': sampled({ mode: 'cubic' }),
  'GridSample (cubic, mirrored)': sampled({ mode: 'cubic', padding_mode: 'reflection' }),
  'GridSample (cubic, border)': sampled({ mode: 'cubic', padding_mode: 'border', align_corners: 1 }),
  'GridSample (three axes)': {
    ...sampled({ align_corners: 1 }),
    inputs: { x: [2, 2, 3, 4, 5], at: [2, 1, 3, 2, 3] },
  },
  'GridSample (nearest, border)': {
    ...sampled({ mode: 'nearest', padding_mode: 'border' }),
    options: { inputs: ['x'], step: 1e-3 },
  },
  'GridSample (nearest)': {
    ...sampled({ mode: 'nearest' }),
    options: { inputs: ['x'], step: 1e-3 },
  },
  Col2Im: {
    inputs: { x: ['N', 12, 6] },
    write: (g) =>
      g.op('Tanh', [
        g.op('Col2Im', ['x', g.ints([4, 6]), g.ints([2, 2])], {
          strides: [2, 2],
          dilations: [1, 1],
          pads: [0, 0, 0, 0],
        }),
      ]),
  },
  'Conv (computed filter)': {
    inputs: { x: image, w: [3, 4, 3, 2], b: [3] },
    write: (g) => g.op('Conv', ['x', 'w', 'b'], { strides: [2, 1], pads: [1, 0, 1, 1], dilations: [1, 2] }),
  },
  'Resize (linear, antialiased, outside excluded)': resized(
    { mode: 'linear', antialias: 1, exclude_outside: 1 },
    [1, 1, 0.5, 0.6],
  ),
  'Resize (linear, antialiased)': resized({ mode: 'linear', antialias: 1 }, [1, 1, 0.5, 0.6]),
  'Resize (cubic, antialiased)': resized({ mode: 'cubic', antialias: 1 }, [1, 1, 0.5, 0.6]),
  ReduceL1: pick('ReduceL1', (g) => [g.ints([1])], { keepdims: 0 }),
  ReduceL2: pick('ReduceL2', (g) => [g.ints([1, 2])], { keepdims: 0 }),
  ReduceLogSum: {
    inputs: { x: image },
    feeds: positive,
    write: (g) => g.op('ReduceLogSum', ['x', g.ints([2])], { keepdims: 0 }),
  },
  ReduceProd: pick('ReduceProd', (g) => [g.ints([2])], { keepdims: 0 }),
  ReduceSumSquare: pick('ReduceSumSquare', (g) => [g.ints([1])]),
};

it.each<[string, (g: Builder) => string]>([
  ['RandomNormalLike', (g) => g.op('RandomNormalLike', ['x'])],
  ['RandomUniformLike', (g) => g.op('RandomUniformLike', ['x'])],
  ['Bernoulli', (g) => g.op('Bernoulli', [g.op('Sigmoid', ['x'])])],
  [
    'OneHot of ArgMax',
    (g) => {
      const best = g.op('ArgMax', ['x'], { axis: 1, keepdims: 0 });
      return g.op('OneHot', [best, g.scalar(6, 'int64'), g.filled('float32', [2], [0, 1])]);
    },
  ],
])('through what %s draws or picks is none, and beside it the right one', async (_, write) => {
  // What is drawn is taken in without an influence on the numbers.
  const graph = graphOf({ x: [2, 6] }, (g) =>
    g.add(g.mul('x', 'x'), g.mul(write(g), g.scalar(0, 'float32'))),
  );
  await expectGradients(graph, { x: spaced([2, 6], 7, 0.05) });
});

it('of a product with zeros among its factors is finite and right', async () => {
  const feeds = (_name: string, dims: number[]) => {
    const x = spaced(dims, 4, 0.3);
    (x.data as Float32Array).forEach((_v, i, all) => (all[i] = i === 1 || i === 8 || i === 9 ? 0 : all[i]));
    return { x };
  };
  const graph = graphOf({ x: [3, 5] }, (g) => g.op('ReduceProd', ['x', g.ints([1])]));
  await expectGradients(graph, feeds('x', [3, 5]));
});

it('of a power of zero by its exponent is 0', async () => {
  const graph = graphOf({ p: [4] }, (g) => g.op('Pow', [g.filled('float32', [4], [0, 2, 0.5, 0]), 'p']));
  const p = random([4], 3);
  (p.data as Float32Array).forEach((value, i, all) => (all[i] = 1.5 + value));
  await expectGradients(graph, { p });
});

it('of an attention whose rows may all be masked is 0 there, not NaN', async () => {
  const graph = graphOf({ x: [2, 3] }, (g) => {
    const soft = g.op('Softmax', [g.add('x', g.filled('float32', [2, 1], [0, -Infinity]))]);
    return g.where(g.op('IsNaN', [soft]), g.scalar(0, 'float32'), soft);
  });
  await expectGradients(graph, { x: random([2, 3], 4) });
});

it('that needs a rank names the first operator whose sizes are not known', () => {
  const graph = graphOf({ x: [2, 6] }, (g) =>
    g.op('Softmax', [g.mul(g.op('Tanh', [g.op('NoSuchOperator', ['x'])]), g.scalar(2, 'float32'))]),
  );
  expect(() => withGradients(graph)).toThrow(/the rank of ".*", which is open because .* NoSuchOperator/);
});

describe('the gradient of', () => {
  it.each(Object.entries(cases))('%s agrees with central differences', async (_, test) => {
    const sizes = (dims: readonly Dim[]) => dims.map((size) => (typeof size === 'string' ? 2 : size));
    const feeds = Object.fromEntries(
      Object.entries(test.inputs).map(([name, dims], i) => {
        const values = test.feeds ?? ((_name, shape) => spaced(shape, i + 1, 0.05));
        return [name, values(name, sizes(dims))];
      }),
    );
    await expectGradients(graphOf(test.inputs, test.write, test.opset), feeds, test.options);
  });

  it('every operator with a rule is in the table above', () => {
    const tested = new Set(Object.keys(cases).map((name) => name.split(' ')[0]));
    expect(Object.keys(rules).filter((op) => !tested.has(op))).toEqual([]);
  });
});
