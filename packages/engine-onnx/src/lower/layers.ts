import { type Dim, float } from '@gauntlet/onnx-gradient';
import { activate } from './activations.js';
import { conv, convTranspose, depthwise, globalPool, pool, separable } from './convolutions.js';
import { type Emitter, NotLowered, permuted, range, type Value, type Weight } from './emitter.js';
import type { Lowering } from './layer-config.js';

const pass: Lowering = (_, [x]) => x;

const dense: Lowering = (e, [given], _, [kernel, bias]) => {
  const x = e.last(given);
  const dims = [...x.dims.slice(0, -1), kernel.dims[1]];
  const w = e.constant(kernel.values, kernel.dims);
  const b = bias && e.constant(bias.values, bias.dims);
  if (x.dims.length === 1)
    return { name: e.g.op('Gemm', [x.name, w, ...(b ? [b] : [])]), layout: 'last', dims };
  const product = e.g.op('MatMul', [x.name, w]);
  return { name: b ? e.g.add(product, b) : product, layout: 'last', dims };
};

const batchNormalization: Lowering = (e, [given], config, weights) => {
  const x = e.first(given);
  const axis = Array.isArray(config.axis) ? config.axis[0] : (config.axis ?? -1);
  if (axis !== -1 && axis !== x.dims.length)
    throw new NotLowered('BatchNormalization along another axis than the channels');
  const left = [...weights];
  const channels = weights[weights.length - 1].dims;
  const same = (value: number): Weight => ({
    dims: channels,
    values: new Float32Array(channels[0]).fill(value),
  });
  const gamma = config.scale === false ? same(1) : left.shift()!;
  const beta = config.center === false ? same(0) : left.shift()!;
  const [mean, variance] = left;
  const names = [gamma, beta, mean, variance].map((w) => e.constant(w.values, w.dims));
  return e.each('BatchNormalization', x, names, { epsilon: float(config.epsilon ?? 1e-3) });
};

const layerNormalization: Lowering = (e, [given], config, weights) => {
  const x = e.last(given);
  const axes = [config.axis ?? -1].flat();
  if (axes.length !== 1 || (axes[0] !== -1 && axes[0] !== x.dims.length))
    throw new NotLowered('LayerNormalization over several axes');
  const left = [...weights];
  const size = x.dims[x.dims.length - 1];
  if (typeof size !== 'number') throw new NotLowered('LayerNormalization of an unknown size');
  const gamma =
    config.scale === false ? { dims: [size], values: new Float32Array(size).fill(1) } : left.shift()!;
  const beta = config.center === false ? undefined : left.shift();
  const names = [gamma, ...(beta ? [beta] : [])].map((w) => e.constant(w.values, w.dims));
  return e.each('LayerNormalization', x, names, { axis: -1, epsilon: float(config.epsilon ?? 1e-3) });
};

const relu: Lowering = (e, [x], { maxValue }) =>
  typeof maxValue === 'number' ? e.each('Clip', x, [e.scalar(0), e.scalar(maxValue)]) : e.each('Relu', x);

const prelu: Lowering = (e, [x], _, [alpha]) => {
  const rank = alpha.dims.length;
  const moved = x.layout === 'first' ? permuted(alpha, [rank - 1, ...range(0, rank - 1)]) : alpha;
  return e.each('PRelu', x, [e.constant(moved.values, moved.dims)]);
};

const merge =
  (op: string): Lowering =>
  (e, inputs) => {
    const rank = inputs[0].dims.length;
    if (inputs.some((x) => x.dims.length !== rank)) throw new NotLowered(`${op} of inputs of different rank`);
    const alike = inputs.every((x) => x.layout === 'first') ? inputs : inputs.map((x) => e.last(x));
    const names = alike.map((x) => x.name);
    const name = op === 'Mul' ? names.reduce((a, b) => e.g.mul(a, b)) : e.g.op(op, names);
    const dims = alike[0].dims.map((size, i) => alike.map((x) => x.dims[i]).find((s) => s !== 1) ?? size);
    return { ...alike[0], name, dims };
  };

const concatenate: Lowering = (e, inputs, config) => {
  const rank = inputs[0].dims.length;
  const axis = config.axis as number | undefined;
  const own = axis === undefined || axis < 0 ? rank + (axis ?? -1) : axis - 1;
  const first = rank > 1 && inputs.every((x) => x.layout === 'first');
  const alike = first ? inputs : inputs.map((x) => e.last(x));
  const at = first ? (own === rank - 1 ? 1 : own + 2) : own + 1;
  const name = e.g.op(
    'Concat',
    alike.map((x) => x.name),
    { axis: at },
  );
  const sizes = alike.map((x) => x.dims[own]);
  if (!sizes.every((size) => typeof size === 'number'))
    throw new NotLowered('Concatenate along an unknown size');
  const total = (sizes as number[]).reduce((a, b) => a + b, 0);
  return { ...alike[0], name, dims: alike[0].dims.map((size, i) => (i === own ? total : size)) };
};

function numbers(dims: readonly Dim[], what: string): number[] {
  if (!dims.every((size) => typeof size === 'number')) throw new NotLowered(`${what} of an unknown size`);
  return [...(dims as number[])];
}

function reshapeTo(e: Emitter, given: Value, target: readonly number[]): Value {
  const x = e.last(given);
  return { name: e.g.reshape(x.name, ['N', ...target]), layout: 'last', dims: target };
}

const flatten: Lowering = (e, [x]) =>
  reshapeTo(e, x, [numbers(x.dims, 'Flatten').reduce((a, b) => a * b, 1)]);

const reshape: Lowering = (e, [x], config) => {
  const target = [...(config.targetShape ?? [])];
  const total = numbers(x.dims, 'Reshape').reduce((a, b) => a * b, 1);
  const rest = target.findIndex((size) => size === null || size < 0);
  if (rest >= 0) target[rest] = total / target.filter((_, i) => i !== rest).reduce((a, b) => a * b, 1);
  return reshapeTo(e, x, target);
};

const permute: Lowering = (e, [given], config) => {
  const x = e.last(given);
  const order = config.dims ?? [];
  return {
    name: e.g.transpose(x.name, [0, ...order]),
    layout: 'last',
    dims: order.map((i) => x.dims[i - 1]),
  };
};

/** Zeros added to (or rows taken from) height and width of a channels-first image. */
function border(e: Emitter, given: Value, [[top, bottom], [left, right]]: number[][], sign: 1 | -1): Value {
  const x = e.first(given);
  const [h, w, c] = numbers(x.dims, sign > 0 ? 'ZeroPadding2D' : 'Cropping2D');
  const amounts = [0, 0, top, left, 0, 0, bottom, right].map((amount) => sign * amount);
  const name = e.g.op('Pad', [x.name, e.g.ints(amounts), e.scalar(0)]);
  return { name, layout: 'first', dims: [h + sign * (top + bottom), w + sign * (left + right), c] };
}

const pairs = (value: unknown): number[][] => {
  if (typeof value === 'number')
    return [
      [value, value],
      [value, value],
    ];
  const two = value as (number | number[])[];
  return two.map((each) => (typeof each === 'number' ? [each, each] : each));
};

const upSampling: Lowering = (e, [given], config) => {
  const x = e.first(given);
  const [h, w, c] = numbers(x.dims, 'UpSampling2D');
  const [sh, sw] = config.size ?? [2, 2];
  const mode = config.interpolation === 'bilinear' ? 'linear' : 'nearest';
  const scales = e.g.filled('float32', [4], [1, 1, sh, sw]);
  const name = e.g.op('Resize', [x.name, '', scales], {
    mode,
    coordinate_transformation_mode: 'asymmetric',
    nearest_mode: 'floor',
  });
  return { name, layout: 'first', dims: [h * sh, w * sw, c] };
};

/** Layers by class name. What is not here runs on the tfjs engine. */
export const lowerings: Readonly<Record<string, Lowering | undefined>> = {
  InputLayer: pass,
  Dropout: pass,
  SpatialDropout1D: pass,
  GaussianNoise: pass,
  GaussianDropout: pass,
  AlphaDropout: pass,
  Activation: pass,
  Dense: dense,
  Conv1D: conv,
  Conv2D: conv,
  DepthwiseConv2D: depthwise,
  SeparableConv2D: separable,
  Conv2DTranspose: convTranspose,
  MaxPooling1D: pool('MaxPool'),
  MaxPooling2D: pool('MaxPool'),
  AveragePooling1D: pool('AveragePool'),
  AveragePooling2D: pool('AveragePool'),
  GlobalMaxPooling1D: globalPool('GlobalMaxPool'),
  GlobalMaxPooling2D: globalPool('GlobalMaxPool'),
  GlobalAveragePooling1D: globalPool('GlobalAveragePool'),
  GlobalAveragePooling2D: globalPool('GlobalAveragePool'),
  BatchNormalization: batchNormalization,
  LayerNormalization: layerNormalization,
  ReLU: relu,
  LeakyReLU: (e, [x], { alpha = 0.3 }) => e.each('LeakyRelu', x, [], { alpha: float(alpha) }),
  PReLU: prelu,
  ELU: (e, [x], { alpha = 1 }) => e.each('Elu', x, [], { alpha: float(alpha) }),
  ThresholdedReLU: (e, [x], { theta = 1 }) => e.each('ThresholdedRelu', x, [], { alpha: float(theta) }),
  Softmax: (e, [x], { axis = -1 }) => {
    if (axis !== -1) throw new NotLowered('a Softmax along another axis than the last');
    return activate(e, x, 'softmax');
  },
  Rescaling: (e, [x], { scale = 1, offset = 0 }) =>
    e.each('Add', e.each('Mul', x, [e.scalar(Number(scale))]), [e.scalar(offset)]),
  Add: merge('Sum'),
  Average: merge('Mean'),
  Maximum: merge('Max'),
  Minimum: merge('Min'),
  Multiply: merge('Mul'),
  Concatenate: concatenate,
  Flatten: flatten,
  Reshape: reshape,
  Permute: permute,
  ZeroPadding2D: (e, [x], config) => border(e, x, pairs(config.padding), 1),
  Cropping2D: (e, [x], config) => border(e, x, pairs(config.cropping), -1),
  UpSampling2D: upSampling,
};
