import { flipped, transposed } from '../graph/fold.js';
import { type Constant, sizeOf } from '../model/constant.js';
import { outputSizes, type Window, windowOf } from '../shapes/spatial.js';
import type { Rule, RuleContext } from './rule.js';

/** The window with explicit pads. */
export function window(c: RuleContext, kernel: readonly number[]): Window {
  return (
    windowOf(c.attributes, kernel, c.dims(c.x).slice(2)) ?? c.unknown(`the size of "${c.x}" for its auto_pad`)
  );
}

/**
 * Attributes of the transposed convolution that undoes a window's sliding and gives exactly the input's size:
 * rows that no window reached are added (output_padding) or, where windows reached past the end, taken off.
 */
export function transposeAttributes(c: RuleContext, w: Window): Record<string, number[]> {
  const [input, output] = [c.dims(c.x).slice(2), c.dims(c.y).slice(2)];
  const end = [...w.end];
  const extra = w.kernel.map((k, i) => {
    const [size, count] = [input[i], output[i]];
    if (w.strides[i] === 1) return 0;
    if (typeof size !== 'number' || typeof count !== 'number') return c.unknown(`the size of "${c.x}"`);
    const covered = (count - 1) * w.strides[i] + (k - 1) * w.dilations[i] + 1 - w.begin[i] - w.end[i];
    if (size < covered) end[i] += covered - size;
    return Math.max(0, size - covered);
  });
  return {
    strides: w.strides,
    dilations: w.dilations,
    pads: [...w.begin, ...end],
    output_padding: extra,
    kernel_shape: w.kernel,
  };
}

/** W [M, C/g, …] → [C, M/g, …], each filter rotated: what a convolution needs to be its own adjoint. */
function adjointFilter(w: Constant, groups: number): Constant {
  const [m, perGroup, ...kernel] = w.dims;
  const apart: Constant = { ...w, dims: [groups, m / groups, perGroup, ...kernel] };
  const order = [0, 2, 1, ...kernel.map((_, i) => i + 3)];
  const swapped: Constant = { ...transposed(apart, order), dims: [groups * perGroup, m / groups, ...kernel] };
  return flipped(
    swapped,
    kernel.map((_, i) => i + 2),
  );
}

/**
 * With at most so many input channels (an image has 1 or 3) the transposed convolution takes a sixth (1 channel) to two
 * thirds (8) of the time: ONNX Runtime's convolution computes whole blocks of 8 or 16 output channels.
 */
const fewChannels = 8;

/**
 * A filter that is computed: each of its cells gathers the products of the image, shifted by that cell, with dy. That is a
 * convolution of one with the other, the batch taking the place of channels, stride and dilation exchanged.
 */
function filterGradient(c: RuleContext, win: Window): string {
  const { g, dy, x } = c;
  if (c.attributes.int('group', 1) !== 1) c.unsupported('a filter in groups that depends on the input');
  const perm = [1, 0, ...win.kernel.map((_, i) => i + 2)];
  const made = g.op('Conv', [g.transpose(x, perm), g.transpose(dy, perm)], {
    strides: win.dilations,
    dilations: win.strides,
    pads: [...win.begin, ...win.end],
  });
  const axes = win.kernel.map((_, i) => i + 2);
  const cut = g.op('Slice', [made, g.ints(axes.map(() => 0)), g.ints(win.kernel), g.ints(axes)]);
  return g.transpose(cut, perm);
}

const conv: Rule = (c) => {
  if (c.needs[1] || c.needs[2]) return computedFilter(c);
  return [imageGradient(c)];
};

const computedFilter: Rule = (c) => {
  const kernel = c
    .dims(c.node.inputs[1])
    .slice(2)
    .map((_, i) => c.size(c.node.inputs[1], i + 2));
  const axes = c.dims(c.y).flatMap((_, i) => (i === 1 ? [] : [i]));
  return [
    c.needs[0] ? imageGradient(c) : undefined,
    c.needs[1] ? filterGradient(c, window(c, kernel)) : undefined,
    c.needs[2] ? c.g.sum(c.dy, axes, 0) : undefined,
  ];
};

function imageGradient(c: RuleContext): string {
  const { g, dy } = c;
  const [, w] = c.node.inputs;
  const group = c.attributes.int('group', 1);
  const filter = c.constant(w);
  const kernel = (filter?.dims.slice(2) ?? c.dims(w).slice(2)) as number[];
  const win = window(c, kernel);
  const before = kernel.map((k, i) => (k - 1) * win.dilations[i] - win.begin[i]);
  const after = kernel.map((k, i) => (k - 1) * win.dilations[i] - win.end[i]);
  const plain = win.strides.every((stride) => stride === 1) && [...before, ...after].every((pad) => pad >= 0);
  const few = c.options.target === 'any' && group === 1 && (filter?.dims[1] ?? 0) <= fewChannels;
  if (filter && plain && !few && sizeOf(filter.dims) > 0) {
    const adjoint = g.constant(adjointFilter(filter, group), 'rotated');
    const attributes = { group, dilations: win.dilations, pads: [...before, ...after], kernel_shape: kernel };
    return g.op('Conv', [dy, adjoint], attributes);
  }
  return transposedInGroups(c, dy, w, group, transposeAttributes(c, win));
}

function transposedInGroups(
  c: RuleContext,
  dy: string,
  w: string,
  group: number,
  attributes: Record<string, number[]>,
): string {
  const { g } = c;
  const channels = c.size(w, 0);
  if (c.options.target !== 'webgpu' || group === 1 || channels === group) {
    return g.op('ConvTranspose', [dy, w], { group, ...attributes });
  }
  const each = channels / group;
  const part = (name: string, axis: number, i: number) =>
    g.op('Slice', [name, g.ints([i * each]), g.ints([(i + 1) * each]), g.ints([axis])]);
  const parts = Array.from({ length: group }, (_, i) =>
    g.op('ConvTranspose', [part(dy, 1, i), part(w, 0, i)], attributes),
  );
  return g.op('Concat', parts, { axis: 1 });
}

/** A transposed convolution is the adjoint of a convolution: its gradient is that convolution. */
const convTranspose: Rule = (c) => {
  const { g, dy, x, y } = c;
  const [, w] = c.node.inputs;
  if (c.needs[1] || c.needs[2]) c.unsupported('a filter that depends on the input');
  const kernel = c.dims(w).slice(2) as number[];
  const rank = kernel.length;
  const all = (name: string, value: number) => c.attributes.ints(name) ?? Array<number>(rank).fill(value);
  const [strides, dilations] = [all('strides', 1), all('dilations', 1)];
  let pads = c.attributes.ints('pads') ?? Array<number>(2 * rank).fill(0);
  const auto = c.attributes.string('auto_pad', 'NOTSET');
  if (c.attributes.has('output_shape') || auto.startsWith('SAME')) {
    const extra = all('output_padding', 0);
    const total = kernel.map((k, i) => {
      const full = (c.size(x, i + 2) - 1) * strides[i] + extra[i] + (k - 1) * dilations[i] + 1;
      return Math.max(0, full - c.size(y, i + 2));
    });
    const small = total.map((t) => Math.floor(t / 2));
    const large = total.map((t, i) => t - small[i]);
    pads = auto === 'SAME_UPPER' ? [...small, ...large] : [...large, ...small];
  }
  const group = c.attributes.int('group', 1);
  const win = { kernel, strides, dilations, begin: pads.slice(0, rank), end: pads.slice(rank) };
  const gradient = g.op('Conv', [dy, w], { group, strides, dilations, pads, kernel_shape: kernel });
  return [
    cropped(
      c,
      gradient,
      outputSizes(win, c.dims(y).slice(2), Math.floor, () => ''),
    ),
  ];
};

/** Output padding larger than the stride gives windows that the input never had. */
function cropped(c: RuleContext, gradient: string, sizes: readonly (number | string)[]): string {
  const wanted = c.dims(c.x).slice(2);
  if (sizes.every((size, i) => size === wanted[i] || typeof size === 'string')) return gradient;
  const axes = wanted.map((_, i) => i + 2);
  const ends = axes.map((axis) => c.size(c.x, axis));
  return c.g.op('Slice', [gradient, c.g.ints(axes.map(() => 0)), c.g.ints(ends), c.g.ints(axes)]);
}

export const convolutions: Record<string, Rule> = { Conv: conv, ConvTranspose: convTranspose };
