import { numbersOf } from '../model/constant.js';
import type { Dim } from '../model/graph.js';
import { broadcast, dimOf, divide, positive, productOf } from './dims.js';
import { like } from './inferred.js';
import type { Inference, InferenceRule } from './types.js';

export const shape: InferenceRule = (c) => {
  const dims = c.in(0);
  if (!dims) return [{ type: 'int64' }];
  const { attributes } = c.node;
  const part = dims.slice(attributes.int('start', 0), attributes.int('end', dims.length));
  c.types.setVector(c.node.outputs[0], part);
  return [{ type: 'int64', dims: [part.length] }];
};

export const reshape: InferenceRule = (c) => {
  const target = c.types.vector(c.node.inputs[1]);
  const from = c.in(0);
  const vector = c.types.vector(c.node.inputs[0]);
  if (vector) c.types.setVector(c.node.outputs[0], vector);
  if (!target) {
    const rank = c.in(1)?.[0];
    return [
      like(c, typeof rank === 'number' ? Array.from({ length: rank }, (_, i) => c.fresh(i)) : undefined),
    ];
  }
  const allowZero = c.node.attributes.int('allowzero', 0) === 1;
  const copied = target.map((size, i): Dim => (size === 0 && !allowZero ? (from?.[i] ?? c.fresh(i)) : size));
  const rest = copied.indexOf(-1);
  if (rest >= 0) {
    const others = productOf(copied.filter((_, i) => i !== rest));
    copied[rest] = (from && divide(productOf(from), others)) ?? c.fresh(rest);
  }
  return [like(c, copied)];
};

export const squeeze: InferenceRule = (c) => {
  const dims = c.in(0);
  const axes = c.node.inputs[1] ? c.types.integers(c.node.inputs[1]) : undefined;
  const vector = c.types.vector(c.node.inputs[0]);
  if (vector) c.types.setVector(c.node.outputs[0], vector);
  if (!dims || (c.node.inputs[1] && !axes)) return [like(c, undefined)];
  const drop = axes?.map((axis) => positive(axis, dims.length));
  return [
    like(
      c,
      dims.filter((size, i) => (drop ? !drop.includes(i) : size !== 1)),
    ),
  ];
};

export const unsqueeze: InferenceRule = (c) => {
  const dims = c.in(0);
  const axes = c.types.integers(c.node.inputs[1]);
  const vector = c.types.vector(c.node.inputs[0]);
  if (vector) c.types.setVector(c.node.outputs[0], vector);
  if (!dims || !axes) return [like(c, undefined)];
  const rank = dims.length + axes.length;
  const added = axes.map((axis) => positive(axis, rank));
  const rest = [...dims];
  return [
    like(
      c,
      Array.from({ length: rank }, (_, i) => (added.includes(i) ? 1 : rest.shift()!)),
    ),
  ];
};

const sum = (sizes: readonly Dim[], fresh: Dim): Dim =>
  sizes.every((size) => typeof size === 'number') ? (sizes as number[]).reduce((a, b) => a + b, 0) : fresh;

export const concat: InferenceRule = (c) => {
  const vectors = c.node.inputs.map((input) => c.types.vector(input));
  if (vectors.every((vector) => vector !== undefined)) c.types.setVector(c.node.outputs[0], vectors.flat());
  const all = c.node.inputs.map((_, i) => c.in(i));
  const known = all.find((dims) => dims !== undefined);
  if (!known) return [like(c, undefined)];
  const axis = positive(c.node.attributes.int('axis', 0), known.length);
  const sizes = all.map((dims) => dims?.[axis] ?? '');
  return [
    like(
      c,
      known.map((size, i) => (i === axis ? sum(sizes, c.fresh(axis)) : size)),
    ),
  ];
};

export const split: InferenceRule = (c) => {
  const dims = c.in(0);
  if (!dims) return c.node.outputs.map(() => like(c, undefined));
  const axis = positive(c.node.attributes.int('axis', 0), dims.length);
  const sizes = c.node.inputs[1] ? c.types.integers(c.node.inputs[1]) : undefined;
  const count = c.node.outputs.length;
  const total = dims[axis];
  const each = typeof total === 'number' ? Math.ceil(total / count) : undefined;
  const size = (k: number): Dim => {
    if (sizes) return sizes[k];
    if (each === undefined) return c.fresh(axis, k);
    return k < count - 1 ? each : (total as number) - each * (count - 1);
  };
  return c.node.outputs.map((_, k) =>
    like(
      c,
      dims.map((d, i) => (i === axis ? size(k) : d)),
    ),
  );
};

/** Start, end and step of each axis of a Slice; undefined where they are computed. */
export function sliceRanges({ node, types }: Pick<Inference, 'node' | 'types'>) {
  const dims = types.dims(node.inputs[0]);
  const [starts, limits] = [types.integers(node.inputs[1]), types.vector(node.inputs[2])];
  const optional = (i: number) => (node.inputs[i] ? types.integers(node.inputs[i]) : []);
  const [axes, steps] = [optional(3), optional(4)];
  if (!dims || !starts || !limits || !axes || !steps) return undefined;
  // As far as the axis goes, whatever its size.
  const ends = limits.map((end, k) =>
    typeof end === 'string' && end === dims[positive(axes[k] ?? k, dims.length)] ? 2 ** 31 : end,
  );
  if (!ends.every((end) => typeof end === 'number')) return undefined;
  return starts.map((start, k) => {
    const axis = positive(axes[k] ?? k, dims.length);
    const step = steps[k] ?? 1;
    const size = dims[axis];
    if (typeof size !== 'number') return { axis, start, end: ends[k], step, count: undefined };
    const [low, high] = step > 0 ? [0, size] : [-1, size - 1];
    const clamp = (value: number) => Math.min(Math.max(value < 0 ? value + size : value, low), high);
    const [from, to] = [clamp(start), ends[k] < -size && step < 0 ? -1 : clamp(ends[k])];
    return { axis, start: from, end: to, step, count: Math.max(0, Math.ceil((to - from) / step)) };
  });
}

export const slice: InferenceRule = (c) => {
  const dims = c.in(0);
  const ranges = sliceRanges(c);
  const vector = c.types.vector(c.node.inputs[0]);
  if (vector && ranges?.length === 1 && ranges[0].count !== undefined) {
    const { start, count, step } = ranges[0];
    c.types.setVector(
      c.node.outputs[0],
      Array.from({ length: count }, (_, i) => vector[start + i * step]),
    );
  }
  if (!dims) return [like(c, undefined)];
  const sizes = dims.map((size, axis) => {
    if (!ranges) return c.fresh(axis);
    const range = ranges.find((each) => each.axis === axis);
    if (!range) return size;
    const whole = range.start === 0 && range.step === 1 && range.end >= 2 ** 31 - 1;
    return range.count ?? (whole ? size : c.fresh(axis));
  });
  return [like(c, sizes)];
};

export const gather: InferenceRule = (c) => {
  const [dims, indices] = [c.in(0), c.in(1)];
  const axisGiven = c.node.attributes.int('axis', 0);
  const [vector, at] = [c.types.vector(c.node.inputs[0]), c.types.integers(c.node.inputs[1])];
  if (vector && at)
    c.types.setVector(
      c.node.outputs[0],
      at.map((i) => vector[positive(i, vector.length)]),
    );
  if (!dims || !indices) return [like(c, undefined)];
  const axis = positive(axisGiven, dims.length);
  return [like(c, [...dims.slice(0, axis), ...indices, ...dims.slice(axis + 1)])];
};

export const transpose: InferenceRule = (c) => {
  const dims = c.in(0);
  const order = c.node.attributes.ints('perm') ?? dims?.map((_, i) => dims.length - 1 - i);
  return [like(c, dims && order?.map((i) => dims[i]))];
};

export const flatten: InferenceRule = (c) => {
  const dims = c.in(0);
  if (!dims) return [like(c, [c.fresh(0), c.fresh(1)])];
  const axis = positive(c.node.attributes.int('axis', 1), dims.length);
  return [
    like(
      c,
      [dims.slice(0, axis), dims.slice(axis)].map((part) => dimOf(productOf(part))),
    ),
  ];
};

export const expand: InferenceRule = (c) => {
  const [dims, target] = [c.in(0), c.types.vector(c.node.inputs[1])];
  if (dims && target) return [like(c, broadcast(dims, target))];
  const rank = c.in(1)?.[0];
  const known = dims && typeof rank === 'number' ? Math.max(dims.length, rank) : undefined;
  return [like(c, known === undefined ? undefined : Array.from({ length: known }, (_, i) => c.fresh(i)))];
};

export const filled: InferenceRule = (c) => {
  const dims = c.types.vector(c.node.inputs[0]);
  const value = c.node.attributes.tensor('value');
  const count = dims?.every((size) => typeof size === 'number')
    ? (dims as number[]).reduce((a, b) => a * b, 1)
    : Infinity;
  if (value && /^int/.test(value.type) && count <= 64) {
    c.types.setVector(c.node.outputs[0], Array<number>(count).fill(numbersOf(value)[0]));
  }
  return [{ type: value?.type ?? 'float32', dims }];
};

export const pad: InferenceRule = (c) => {
  const [dims, pads] = [c.in(0), c.types.integers(c.node.inputs[1])];
  if (!dims || !pads)
    return [
      like(
        c,
        dims?.map((_, i) => c.fresh(i)),
      ),
    ];
  const axes = (c.node.inputs[3] && c.types.integers(c.node.inputs[3])) || dims.map((_, i) => i);
  const at = (axis: number) => axes.findIndex((each) => positive(each, dims.length) === axis);
  const sizes = dims.map((size, axis) => {
    const k = at(axis);
    const more = k < 0 ? 0 : pads[k] + pads[k + axes.length];
    return more === 0 ? size : typeof size === 'number' ? size + more : c.fresh(axis);
  });
  return [like(c, sizes)];
};

export const blocks =
  (scale: (c: Dim, h: Dim, w: Dim, b: number, fresh: (i: number) => Dim) => Dim[]): InferenceRule =>
  (c) => {
    const dims = c.in(0);
    if (dims?.length !== 4) return [like(c, undefined)];
    const [n, channels, h, w] = dims;
    return [like(c, [n, ...scale(channels, h, w, c.node.attributes.int('blocksize', 1), (i) => c.fresh(i))])];
  };

export const times = (a: Dim, by: number, fresh: Dim): Dim => (typeof a === 'number' ? a * by : fresh);
