import type { Dim } from '@gauntlet/onnx-gradient';
import { type Emitter, NotLowered, permuted, range, type Value, type Weight } from './emitter.js';
import type { LayerConfig } from './layer-config.js';

const list = (value: number | readonly number[] | null | undefined, rank: number, otherwise = 1): number[] =>
  Array.isArray(value) ? [...(value as number[])] : Array<number>(rank).fill((value as number) ?? otherwise);

function channelsLast(config: LayerConfig): void {
  if (config.dataFormat === 'channelsFirst') throw new NotLowered('channels first');
}

/** TensorFlow's padding for a size: what does not divide evenly goes to the end. */
function pads(
  padding: string | undefined,
  dims: readonly Dim[],
  kernel: readonly number[],
  strides: readonly number[],
  dilations: readonly number[],
) {
  const rank = kernel.length;
  const none = Array<number>(rank).fill(0);
  if (padding === 'causal') return [...kernel.map((k, i) => (k - 1) * dilations[i]), ...none];
  if (padding !== 'same') return [...none, ...none];
  const total = kernel.map((k, i) => {
    const size = dims[i];
    if (typeof size !== 'number') {
      if (strides[i] === 1) return (k - 1) * dilations[i];
      throw new NotLowered('"same" padding of an unknown size');
    }
    return Math.max(0, (Math.ceil(size / strides[i]) - 1) * strides[i] + (k - 1) * dilations[i] + 1 - size);
  });
  const before = total.map((t) => Math.floor(t / 2));
  return [...before, ...total.map((t, i) => t - before[i])];
}

const outSize = (size: Dim, k: number, s: number, d: number, pad: number): Dim =>
  typeof size === 'number' ? Math.floor((size + pad - (k - 1) * d - 1) / s) + 1 : `${size}/${s}`;

function slide(
  value: Value,
  kernel: number[],
  strides: number[],
  dilations: number[],
  padding: number[],
  channels: Dim,
): Dim[] {
  const rank = kernel.length;
  return [
    ...kernel.map((k, i) =>
      outSize(value.dims[i], k, strides[i], dilations[i], padding[i] + padding[i + rank]),
    ),
    channels,
  ];
}

function convolve(
  e: Emitter,
  given: Value,
  config: LayerConfig,
  filter: Weight,
  group: number,
  bias?: Weight,
): Value {
  const x = e.first(given);
  const [channels, , ...kernel] = filter.dims;
  const rank = kernel.length;
  const strides = list(config.strides, rank);
  const dilations = list(config.dilationRate, rank);
  const padding = pads(config.padding, x.dims, kernel, strides, dilations);
  const inputs = [x.name, e.constant(filter.values, filter.dims)];
  if (bias) inputs.push(e.constant(bias.values, bias.dims));
  const name = e.g.op('Conv', inputs, { kernel_shape: kernel, strides, dilations, pads: padding, group });
  return { name, layout: 'first', dims: slide(x, kernel, strides, dilations, padding, channels) };
}

/** [k…, in, out] → [out, in, k…] */
const standardFilter = (w: Weight) => {
  const rank = w.dims.length - 2;
  return permuted(w, [rank + 1, rank, ...range(0, rank)]);
};

/** [h, w, in, multiplier] → [in·multiplier, 1, h, w] */
function depthwiseFilter(w: Weight): Weight {
  const { dims, values } = permuted(w, [2, 3, 0, 1]);
  return { dims: [dims[0] * dims[1], 1, dims[2], dims[3]], values };
}

export function conv(e: Emitter, [x]: Value[], config: LayerConfig, [kernel, bias]: Weight[]): Value {
  channelsLast(config);
  const filter = standardFilter(kernel);
  const groups = Number(x.dims[x.dims.length - 1]) / filter.dims[1];
  return convolve(e, x, config, filter, groups, bias);
}

export function depthwise(e: Emitter, [x]: Value[], config: LayerConfig, [kernel, bias]: Weight[]): Value {
  channelsLast(config);
  return convolve(e, x, config, depthwiseFilter(kernel), kernel.dims[2], bias);
}

export function separable(
  e: Emitter,
  [x]: Value[],
  config: LayerConfig,
  [deep, point, bias]: Weight[],
): Value {
  channelsLast(config);
  const middle = convolve(e, x, config, depthwiseFilter(deep), deep.dims[2]);
  return convolve(e, middle, { padding: 'valid' }, standardFilter(point), 1, bias);
}

export function convTranspose(
  e: Emitter,
  [given]: Value[],
  config: LayerConfig,
  [kernel, bias]: Weight[],
): Value {
  channelsLast(config);
  const x = e.first(given);
  // [h, w, out, in] → [in, out, h, w]
  const filter = permuted(kernel, [3, 2, 0, 1]);
  const size = filter.dims.slice(2);
  const strides = list(config.strides, 2);
  if (list(config.dilationRate, 2).some((d) => d !== 1)) throw new NotLowered('a dilated Conv2DTranspose');
  const same = config.padding === 'same';
  // Full size (in − 1)·s + k; "same" is in·s, "valid" in·s + max(k − s, 0).
  const over = size.map((k, i) => (same ? k - strides[i] : Math.min(k - strides[i], 0)));
  const cut = over.map((o) => Math.max(o, 0));
  const before = cut.map((c) => Math.floor(c / 2));
  const inputs = [x.name, e.constant(filter.values, filter.dims)];
  if (bias) inputs.push(e.constant(bias.values, bias.dims));
  const name = e.g.op('ConvTranspose', inputs, {
    kernel_shape: size,
    strides,
    pads: [...before, ...cut.map((c, i) => c - before[i])],
    output_padding: over.map((o) => Math.max(-o, 0)),
  });
  const grow = (i: number): Dim => {
    const at = x.dims[i];
    if (typeof at !== 'number') return `${at}*${strides[i]}`;
    return same ? at * strides[i] : at * strides[i] + Math.max(size[i] - strides[i], 0);
  };
  return { name, layout: 'first', dims: [grow(0), grow(1), filter.dims[1]] };
}

export const pool =
  (op: 'MaxPool' | 'AveragePool') =>
  (e: Emitter, [given]: Value[], config: LayerConfig): Value => {
    channelsLast(config);
    const x = e.first(given);
    const rank = x.dims.length - 1;
    const kernel = list(config.poolSize, rank, 2);
    const strides = config.strides ? list(config.strides, rank) : kernel;
    const ones = kernel.map(() => 1);
    const padding = pads(config.padding, x.dims, kernel, strides, ones);
    const name = e.g.op(op, [x.name], { kernel_shape: kernel, strides, pads: padding });
    return { name, layout: 'first', dims: slide(x, kernel, strides, ones, padding, x.dims[rank]) };
  };

export const globalPool =
  (op: 'GlobalMaxPool' | 'GlobalAveragePool') =>
  (e: Emitter, [given]: Value[], config: LayerConfig): Value => {
    channelsLast(config);
    const x = e.first(given);
    const channels = x.dims[x.dims.length - 1];
    if (typeof channels !== 'number') throw new NotLowered('an unknown number of channels');
    return { name: e.g.reshape(e.g.op(op, [x.name]), ['N', channels]), layout: 'last', dims: [channels] };
  };
