import { numbersOf } from '../model/constant.js';
import { positive } from '../shapes/dims.js';
import { aspectScale } from '../shapes/spatial.js';
import { adjointAlong } from './along-axis.js';
import { type Rule, type RuleContext, single } from './rule.js';

interface Axis {
  input: number;
  output: number;
  scale: number;
  /** The part of the input that is resized, as shares of its length. */
  part?: readonly [number, number];
}

/** Where an output position lies on the input's axis. */
const coordinates: Record<string, (x: number, a: Axis) => number> = {
  half_pixel: (x, { scale }) => (x + 0.5) / scale - 0.5,
  half_pixel_symmetric: (x, { input, output, scale }) => {
    const adjustment = output / (scale * input);
    const centre = input / 2;
    return centre * (1 - adjustment) + (x + 0.5) / scale - 0.5;
  },
  pytorch_half_pixel: (x, { output, scale }) => (output > 1 ? (x + 0.5) / scale - 0.5 : 0),
  align_corners: (x, { input, output }) => (output > 1 ? (x * (input - 1)) / (output - 1) : 0),
  asymmetric: (x, { scale }) => x / scale,
  tf_crop_and_resize: (x, { input, output, part: [start, end] = [0, 1] }) =>
    (input - 1) * (output > 1 ? start + (x * (end - start)) / (output - 1) : (start + end) / 2),
};

const rounding: Record<string, (x: number) => number> = {
  round_prefer_floor: (x) => Math.ceil(x - 0.5),
  round_prefer_ceil: (x) => Math.floor(x + 0.5),
  floor: Math.floor,
  ceil: Math.ceil,
};

/** Weights of the neighbours floor(x) − 1 … floor(x) + 2 (Keys 1981). */
function cubicWeights(t: number, a: number): number[] {
  const near = (d: number) => ((a + 2) * d - (a + 3)) * d * d + 1;
  const far = (d: number) => ((a * d - 5 * a) * d + 8 * a) * d - 4 * a;
  return [far(1 + t), near(t), near(1 - t), far(2 - t)];
}

/** Shrinking with antialiasing makes the kernel 1 / scale times as wide. */
function spread(c: RuleContext, at: number, mode: string, { input, scale }: Axis): number[] {
  const a = c.attributes.float('cubic_coeff_a', -0.75);
  const kernel = (d: number): number => {
    if (mode === 'linear') return Math.max(0, 1 - d);
    return d < 1
      ? ((a + 2) * d - (a + 3)) * d * d + 1
      : d < 2
        ? ((a * d - 5 * a) * d + 8 * a) * d - 4 * a
        : 0;
  };
  const outside = c.attributes.int('exclude_outside', 0) === 1;
  const reach = Math.ceil((mode === 'linear' ? 1 : 2) / scale) + 1;
  const weights = Array<number>(input).fill(0);
  let total = 0;
  for (let i = Math.floor(at) - reach; i <= Math.ceil(at) + reach; i++) {
    const inside = Math.min(Math.max(i, 0), input - 1);
    if (outside && inside !== i) continue;
    const weight = kernel(Math.abs(i - at) * scale);
    weights[inside] += weight;
    total += weight;
  }
  return weights.map((weight) => weight / total);
}

/** The row of the interpolation matrix for one output position. */
function row(c: RuleContext, at: number, mode: string, axis: Axis): number[] {
  const { input, scale } = axis;
  // What a crop takes from beside the image is a constant.
  if (axis.part && (at < 0 || at > input - 1)) return Array<number>(input).fill(0);
  if (c.attributes.int('antialias', 0) === 1 && mode !== 'nearest' && scale < 1)
    return spread(c, at, mode, axis);
  const weights = Array<number>(input).fill(0);
  const clamp = (i: number) => Math.min(Math.max(i, 0), input - 1);
  if (mode === 'nearest') {
    const round = rounding[c.attributes.string('nearest_mode', 'round_prefer_floor')];
    weights[clamp(round(at))] = 1;
  } else if (mode === 'linear') {
    const inside = Math.min(Math.max(at, 0), input - 1);
    const low = Math.floor(inside);
    weights[low] += 1 - (inside - low);
    weights[clamp(low + 1)] += inside - low;
  } else {
    const low = Math.floor(at);
    const outside = c.attributes.int('exclude_outside', 0) === 1;
    const four = cubicWeights(at - low, c.attributes.float('cubic_coeff_a', -0.75));
    const kept = four.map((w, k) => (outside && (low + k - 1 < 0 || low + k - 1 >= input) ? 0 : w));
    const total = outside ? kept.reduce((a, b) => a + b, 0) : 1;
    kept.forEach((w, k) => (weights[clamp(low + k - 1)] += w / total));
  }
  return weights;
}

/** Resizing is linear and goes axis by axis: dx = Mᵀ dy along each axis that changes. */
const resize = single((c) => {
  const { node, x, y } = c;
  const mode = c.attributes.string('mode', 'nearest');
  const transform = c.attributes.string('coordinate_transformation_mode', 'half_pixel');
  const place = coordinates[transform] ?? c.unsupported(`the coordinate transformation ${transform}`);
  const scales = node.inputs[2] ? c.constant(node.inputs[2]) : undefined;
  const rank = c.dims().length;
  const axes = (c.attributes.ints('axes') ?? c.dims().map((_, i) => i)).map((axis) => positive(axis, rank));
  const cropped = transform === 'tf_crop_and_resize';
  if (cropped && scales) c.unsupported('a crop resized by scales');
  const region = cropped ? c.constant(node.inputs[1]) : undefined;
  if (cropped && !region) c.unsupported('a crop that depends on the input');
  const part = (k: number): [number, number] | undefined =>
    region && [numbersOf(region)[k], numbersOf(region)[k + axes.length]];
  const kept = scales
    ? undefined
    : aspectScale(c.attributes, c.types.vector(node.inputs[3]) ?? [], c.dims(), axes);
  return axes.reduce((gradient, axis, k) => {
    const whole = !region || part(k)!.join() === '0,1';
    const stays = c.dims(x)[axis] === c.dims(y)[axis];
    // ONNX Runtime leaves the crop out there, which the standard does not say.
    if (stays && !whole) c.unsupported('a crop along an axis whose size stays');
    const same = stays && whole;
    if (same && (scales ? numbersOf(scales)[k] : (kept ?? 1)) === 1) return gradient;
    const [input, output] = [c.size(x, axis), c.size(y, axis)];
    const scale = scales ? numbersOf(scales)[k] : (kept ?? output / input);
    const shape = { input, output, scale, part: part(k) };
    const times = mode === 'nearest' && output === input * scale && Number.isInteger(scale);
    const rows = Array.from({ length: output }, (_, i) => row(c, place(i, shape), mode, shape));
    const repeats = times && rows.every((weights, i) => weights[Math.floor(i / scale)] === 1);
    return repeats
      ? repeated(c, gradient, axis, scale, rank)
      : adjointAlong(c, gradient, axis, rows, input, rank);
  }, c.dy);
});

/** Each cell was repeated `times` times in a row: sum the repeats. */
function repeated(c: RuleContext, dy: string, axis: number, times: number, rank: number): string {
  const { g } = c;
  if (rank < 3 || axis < 2) {
    const size = c.size(c.x, axis);
    const rows = Array.from({ length: size * times }, (_, i) =>
      Array.from({ length: size }, (_, j) => (j === Math.floor(i / times) ? 1 : 0)),
    );
    return adjointAlong(c, dy, axis, rows, size, rank);
  }
  const kernel = Array.from({ length: rank - 2 }, (_, i) => (i + 2 === axis ? times : 1));
  return g.mul(g.op('AveragePool', [dy], { kernel_shape: kernel, strides: kernel }), c.scalar(times));
}

export const resizing: Record<string, Rule> = { Resize: resize };
