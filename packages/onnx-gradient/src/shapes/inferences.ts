import { elementType } from '../model/element-types.js';
import { broadcast, positive } from './dims.js';
import { broadcasting, comparison, passing, same, where } from './elementwise.js';
import { like } from './inferred.js';
import {
  blocks,
  concat,
  expand,
  filled,
  flatten,
  gather,
  pad,
  reshape,
  shape,
  slice,
  split,
  squeeze,
  times,
  transpose,
  unsqueeze,
} from './layout.js';
import { convolution, convTranspose, pooling, resize } from './spatial.js';
import { drawn, drawnLike, multinomial } from './drawing.js';
import { col2Im, einsum, gatherNd, gridSample, oneHot, range, tile, topK } from './selection.js';
import type { InferenceRule } from './types.js';

const gemm: InferenceRule = (c) => {
  const [a, b] = [c.in(0), c.in(1)];
  const transposed = (name: string) => c.node.attributes.int(name, 0) === 1;
  return [
    like(c, [
      a?.[transposed('transA') ? 1 : 0] ?? c.fresh(0),
      b?.[transposed('transB') ? 0 : 1] ?? c.fresh(1),
    ]),
  ];
};

const matmul: InferenceRule = (c) => {
  const [a, b] = [c.in(0), c.in(1)];
  if (!a || !b) return [like(c, undefined)];
  if (a.length === 1 || b.length === 1) {
    const left = a.length === 1 ? [] : a.slice(0, -1);
    const right = b.length === 1 ? [] : [...b.slice(0, -2), b[b.length - 1]];
    return [like(c, a.length === 1 ? right : left)];
  }
  return [like(c, [...broadcast(a.slice(0, -2), b.slice(0, -2)), a[a.length - 2], b[b.length - 1]])];
};

const reduce: InferenceRule = (c) => {
  const dims = c.in(0);
  const keep = c.node.attributes.int('keepdims', 1) === 1;
  const given = c.node.inputs[1] ? c.types.integers(c.node.inputs[1]) : [];
  if (!dims || !given) return [like(c, undefined)];
  const noop = c.node.attributes.int('noop_with_empty_axes', 0) === 1;
  const all = given.length === 0 && !noop;
  const axes = given.map((axis) => positive(axis, dims.length));
  const gone = (i: number) => all || axes.includes(i);
  return [like(c, keep ? dims.map((size, i) => (gone(i) ? 1 : size)) : dims.filter((_, i) => !gone(i)))];
};

const argReduce: InferenceRule = (c) => {
  const dims = c.in(0);
  const axis = positive(c.node.attributes.int('axis', 0), dims?.length ?? 0);
  const keep = c.node.attributes.int('keepdims', 1) === 1;
  return [
    {
      type: 'int64',
      dims: keep ? dims?.map((size, i) => (i === axis ? 1 : size)) : dims?.filter((_, i) => i !== axis),
    },
  ];
};

const layerNormalization: InferenceRule = (c) => {
  const dims = c.in(0);
  const axis = dims && positive(c.node.attributes.int('axis', -1), dims.length);
  const statistics = dims?.map((size, i) => (i >= axis! ? 1 : size));
  return [like(c, dims), { type: 'float32', dims: statistics }, { type: 'float32', dims: statistics }];
};

const casting: InferenceRule = (c) => {
  const [passed] = passing(c);
  return [{ dims: passed?.dims, type: c.types.get(c.node.outputs[0])?.type }];
};

/** The type of the zero point; without one, that of an attribute, or eight bits without a sign. */
const quantized: InferenceRule = (c) => {
  const stated = c.node.inputs[2] ? c.types.get(c.node.inputs[2])?.type : undefined;
  const type = stated ?? elementType(c.node.attributes.int('output_dtype', 0)) ?? 'uint8';
  return [{ type, dims: c.in(0) }];
};

const each = (names: string, rule: InferenceRule) =>
  Object.fromEntries(names.split(' ').map((name) => [name, rule]));

/** Output types and sizes by operator (opset 18 forms). */
export const inferences: Record<string, InferenceRule | undefined> = {
  ...each(
    'Relu LeakyRelu Elu Selu Celu Gelu Sigmoid HardSigmoid HardSwish Mish Softplus Softsign ThresholdedRelu Tanh Erf Exp Log Sqrt Reciprocal Abs Neg Clip Sin Cos Softmax LogSoftmax BatchNormalization InstanceNormalization GroupNormalization LRN Dropout Floor Ceil Round Sign Not CumSum Tan Asin Acos Atan Sinh Cosh Asinh Acosh Atanh Shrink Swish Trilu ScatterElements ScatterND Hardmax LpNormalization RMSNormalization MeanVarianceNormalization BitwiseNot Scatter',
    same,
  ),
  ...each('Add Sub Mul Div Pow Min Max Sum Mean PRelu Mod And Or Xor', broadcasting),
  ...each('Equal Greater GreaterOrEqual Less LessOrEqual', comparison),
  ...each(
    'ReduceSum ReduceMean ReduceMax ReduceMin ReduceProd ReduceLogSumExp ReduceSumSquare ReduceL1 ReduceL2 ReduceLogSum',
    reduce,
  ),
  ...each('ArgMax ArgMin', argReduce),
  ...each('IsNaN IsInf', (c) => [{ type: 'bool', dims: c.in(0) }]),
  ...each('GlobalAveragePool GlobalMaxPool', (c) => [
    like(
      c,
      c.in(0)?.map((size, i) => (i < 2 ? size : 1)),
    ),
  ]),
  Tile: tile,
  ...each('RandomNormal RandomUniform', drawn),
  ...each('RandomNormalLike RandomUniformLike Bernoulli', drawnLike),
  Multinomial: multinomial,
  OneHot: oneHot,
  TopK: topK,
  GatherElements: (c) => [like(c, c.in(1))],
  GatherND: gatherNd,
  Einsum: einsum,
  GridSample: gridSample,
  Col2Im: col2Im,
  Range: range,
  CastLike: (c) => [{ dims: c.in(0), type: c.types.get(c.node.inputs[1])?.type }],
  Identity: passing,
  QuantizeLinear: quantized,
  DynamicQuantizeLinear: (c) => [
    { type: 'uint8', dims: c.in(0) },
    { type: 'float32', dims: [] },
    { type: 'uint8', dims: [] },
  ],
  DequantizeLinear: (c) => [{ type: c.types.get(c.node.inputs[1])?.type, dims: c.in(0) }],
  Cast: casting,
  Where: where,
  Shape: shape,
  Size: () => [{ type: 'int64', dims: [] }],
  Reshape: reshape,
  Squeeze: squeeze,
  Unsqueeze: unsqueeze,
  Concat: concat,
  Split: split,
  Slice: slice,
  Gather: gather,
  Transpose: transpose,
  Flatten: flatten,
  Expand: expand,
  ConstantOfShape: filled,
  Pad: pad,
  Gemm: gemm,
  MatMul: matmul,
  LayerNormalization: layerNormalization,
  DepthToSpace: blocks((ch, h, w, b, f) => [
    typeof ch === 'number' ? ch / (b * b) : f(1),
    times(h, b, f(2)),
    times(w, b, f(3)),
  ]),
  SpaceToDepth: blocks((ch, h, w, b, f) => [
    times(ch, b * b, f(1)),
    times(h, 1 / b, f(2)),
    times(w, 1 / b, f(3)),
  ]),
  Conv: convolution,
  ConvTranspose: convTranspose,
  ...each('MaxPool AveragePool', pooling),
  Resize: resize,
};
