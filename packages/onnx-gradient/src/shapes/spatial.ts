import type { Attributes } from '../model/attributes.js';
import { numbersOf } from '../model/constant.js';
import type { Dim } from '../model/graph.js';
import { positive } from './dims.js';
import type { InferenceRule } from './types.js';

/** The sliding window of a convolution or pooling, one entry per spatial axis. */
export interface Window {
  kernel: number[];
  strides: number[];
  dilations: number[];
  /** Zeros before and after; for `auto_pad` as they come out for these sizes. */
  begin: number[];
  end: number[];
}

/**
 * Reads the window from a node's attributes. `auto_pad` SAME needs the spatial sizes; undefined if they are
 * not known.
 */
export function windowOf(
  attributes: Attributes,
  kernel: readonly number[],
  spatial: readonly Dim[],
): Window | undefined {
  const rank = kernel.length;
  const all = (name: string, value: number) => attributes.ints(name) ?? Array<number>(rank).fill(value);
  const [strides, dilations] = [all('strides', 1), all('dilations', 1)];
  const auto = attributes.string('auto_pad', 'NOTSET');
  const pads = attributes.ints('pads') ?? Array<number>(2 * rank).fill(0);
  const window = { kernel: [...kernel], strides, dilations };
  if (auto === 'NOTSET' || auto === '')
    return { ...window, begin: pads.slice(0, rank), end: pads.slice(rank) };
  const none = Array<number>(rank).fill(0);
  if (auto === 'VALID') return { ...window, begin: none, end: none };
  if (!spatial.every((size) => typeof size === 'number')) return undefined;
  const total = (spatial as number[]).map((size, i) =>
    Math.max(0, (Math.ceil(size / strides[i]) - 1) * strides[i] + (kernel[i] - 1) * dilations[i] + 1 - size),
  );
  const small = total.map((t) => Math.floor(t / 2));
  const large = total.map((t) => Math.ceil(t / 2));
  return auto === 'SAME_UPPER'
    ? { ...window, begin: small, end: large }
    : { ...window, begin: large, end: small };
}

export const outputSizes = (
  w: Window,
  spatial: readonly Dim[],
  round: (x: number) => number,
  fresh: (i: number) => Dim,
) =>
  spatial.map((size, i) => {
    if (typeof size !== 'number') return fresh(i + 2);
    const covered = size + w.begin[i] + w.end[i] - (w.kernel[i] - 1) * w.dilations[i] - 1;
    const count = round(covered / w.strides[i]) + 1;
    // With rounding up, a last window that would start in the padding is left out.
    return round === Math.ceil && (count - 1) * w.strides[i] >= size + w.begin[i] ? count - 1 : count;
  });

export const convolution: InferenceRule = (c) => {
  const [x, w] = [c.in(0), c.in(1)];
  const type = c.types.get(c.node.inputs[0])?.type;
  const kernel = w?.slice(2);
  if (!x || !w || !kernel?.every((size) => typeof size === 'number')) return [{ type }];
  const window = windowOf(c.node.attributes, kernel, x.slice(2));
  const spatial = window
    ? outputSizes(window, x.slice(2), Math.floor, (i) => c.fresh(i))
    : kernel.map((_, i) => c.fresh(i + 2));
  return [{ type, dims: [x[0], w[0], ...spatial] }];
};

export const convTranspose: InferenceRule = (c) => {
  const [x, w] = [c.in(0), c.in(1)];
  const { attributes } = c.node;
  const type = c.types.get(c.node.inputs[0])?.type;
  if (!x || !w || typeof w[1] !== 'number') return [{ type }];
  const rank = x.length - 2;
  const all = (name: string, value: number) => attributes.ints(name) ?? Array<number>(rank).fill(value);
  const [strides, dilations, extra] = [all('strides', 1), all('dilations', 1), all('output_padding', 0)];
  const pads = attributes.ints('pads') ?? Array<number>(2 * rank).fill(0);
  const auto = attributes.string('auto_pad', 'NOTSET');
  const stated = attributes.ints('output_shape');
  const spatial = x.slice(2).map((size, i): Dim => {
    if (stated) return stated.slice(-rank)[i];
    const kernel = w[i + 2];
    if (typeof size !== 'number' || typeof kernel !== 'number') return c.fresh(i + 2);
    if (auto.startsWith('SAME')) return size * strides[i];
    return (size - 1) * strides[i] + extra[i] + (kernel - 1) * dilations[i] + 1 - pads[i] - pads[i + rank];
  });
  return [{ type, dims: [x[0], w[1] * attributes.int('group', 1), ...spatial] }];
};

export const pooling: InferenceRule = (c) => {
  const x = c.in(0);
  const { attributes } = c.node;
  const type = c.types.get(c.node.inputs[0])?.type;
  if (!x) return [{ type }, { type: 'int64' }];
  const window = windowOf(attributes, attributes.ints('kernel_shape') ?? [], x.slice(2));
  const round = attributes.int('ceil_mode', 0) === 1 ? Math.ceil : Math.floor;
  const spatial = window
    ? outputSizes(window, x.slice(2), round, (i) => c.fresh(i))
    : x.slice(2).map((_, i) => c.fresh(i + 2));
  const dims = [...x.slice(0, 2), ...spatial];
  return [
    { type, dims },
    { type: 'int64', dims },
  ];
};

/** The one scale of all axes where their ratio is kept; undefined where it is not, or where sizes are open. */
export function aspectScale(
  attributes: Attributes,
  sizes: readonly Dim[],
  dims: readonly Dim[],
  axes: readonly number[],
): number | undefined {
  const policy = attributes.string('keep_aspect_ratio_policy', 'stretch');
  const ratios = axes.map((axis, k) => Number(sizes[k]) / Number(dims[axis]));
  if (policy === 'stretch' || ratios.some((ratio) => Number.isNaN(ratio))) return undefined;
  return policy === 'not_larger' ? Math.min(...ratios) : Math.max(...ratios);
}

export const resize: InferenceRule = (c) => {
  const x = c.in(0);
  const type = c.types.get(c.node.inputs[0])?.type;
  const { inputs, attributes } = c.node;
  const sizes = inputs[3] ? c.types.vector(inputs[3]) : undefined;
  const scales = inputs[2] ? c.types.constant(inputs[2]) : undefined;
  if (!x || (!sizes && !scales)) return [{ type }];
  const axes = (attributes.ints('axes') ?? x.map((_, i) => i)).map((axis) => positive(axis, x.length));
  const factors = scales && numbersOf(scales);
  const scale = sizes && aspectScale(attributes, sizes, x, axes);
  const dims = x.map((size, axis): Dim => {
    const k = axes.indexOf(axis);
    if (k < 0) return size;
    if (sizes && attributes.string('keep_aspect_ratio_policy', 'stretch') !== 'stretch')
      return scale !== undefined && typeof size === 'number' ? Math.round(scale * size) : c.fresh(axis);
    if (sizes) return sizes[k];
    if (factors![k] === 1) return size;
    return typeof size === 'number' ? Math.floor(Math.fround(size * factors![k])) : c.fresh(axis);
  });
  return [{ type, dims }];
};
