import type { Dim } from '../graph/graph.js';
import { numbersOf } from '../model/constant.js';
import { broadcast, dimOf, divide, positive, productOf } from './dims.js';
import type { Inference, InferenceRule } from './infer.js';
import { convolution, convTranspose, pooling, resize } from './spatial.js';

const type = (c: Inference, i: number) => c.types.get(c.node.inputs[i] ?? '')?.type;
const like = (c: Inference, dims: readonly Dim[] | undefined, from = 0) => ({ type: type(c, from), dims });

const same: InferenceRule = (c) => [like(c, c.in(0))];

const broadcasting: InferenceRule = (c) => {
  const all = c.node.inputs.map((_, i) => c.in(i));
  if (all.some((dims) => dims === undefined)) return [like(c, undefined)];
  arithmetic(c);
  return [like(c, (all as Dim[][]).reduce(broadcast))];
};

const comparison: InferenceRule = (c) => {
  if (c.node.op === 'Equal') pairwise(c, (x, y) => equalSizes(x, y));
  return [{ ...broadcasting(c)[0], type: 'bool' }];
};

/** 1 or 0; a size that is not known is at least no negative number. */
function equalSizes(x: Dim, y: Dim): Dim | undefined {
  if (x === y) return 1;
  if (typeof x === typeof y) return typeof x === 'number' ? 0 : undefined;
  return Number(typeof x === 'number' ? x : y) < 0 ? 0 : undefined;
}

/** Exporters write "this size, or where it is −1 that one". */
const where: InferenceRule = (c) => {
  const [condition, yes, no] = c.node.inputs.map((input) => c.types.vector(input));
  if (condition && yes && no) {
    const length = Math.max(condition.length, yes.length, no.length);
    const at = (vector: readonly Dim[], i: number) => vector[vector.length === 1 ? 0 : i];
    c.types.setVector(c.node.outputs[0], Array.from({ length }, (_, i) => at(at(condition, i) === 1 ? yes : no, i))); // prettier-ignore
  }
  const all = [0, 1, 2].map((i) => c.in(i));
  return [like(c, all.every((dims) => dims) ? (all as Dim[][]).reduce(broadcast) : undefined, 1)];
};

/** Sizes are computed with in a few places, e.g. batch × 1 or channels / 2. */
function arithmetic(c: Inference): void {
  const operation = { Add: (x: number, y: number) => x + y, Sub: (x: number, y: number) => x - y }[c.node.op];
  pairwise(c, (x, y) => {
    const numbers = typeof x === 'number' && typeof y === 'number';
    if (c.node.op === 'Mul') return dimOf(productOf([x, y]));
    if (c.node.op === 'Div' && numbers) return y === 0 ? undefined : Math.trunc(x / y);
    if (c.node.op === 'Div') return divide(productOf([x]), productOf([y]));
    return operation && numbers ? operation(x, y) : undefined;
  });
}

function pairwise({ node, types }: Inference, compute: (x: Dim, y: Dim) => Dim | undefined): void {
  const [a, b] = node.inputs.map((input) => types.vector(input));
  if (!a || !b || (a.length !== b.length && a.length !== 1 && b.length !== 1)) return;
  const results = Array.from({ length: Math.max(a.length, b.length) }, (_, i) =>
    compute(a[a.length === 1 ? 0 : i], b[b.length === 1 ? 0 : i]),
  );
  if (results.every((each) => each !== undefined)) types.setVector(node.outputs[0], results);
}

/** Vectors of sizes go through these operations unchanged. */
const passing: InferenceRule = (c) => {
  const vector = c.types.vector(c.node.inputs[0]);
  if (vector) c.types.setVector(c.node.outputs[0], vector);
  return same(c);
};

const shape: InferenceRule = (c) => {
  const dims = c.in(0);
  if (!dims) return [{ type: 'int64' }];
  const { attributes } = c.node;
  const part = dims.slice(attributes.int('start', 0), attributes.int('end', dims.length));
  c.types.setVector(c.node.outputs[0], part);
  return [{ type: 'int64', dims: [part.length] }];
};

const reshape: InferenceRule = (c) => {
  const target = c.types.vector(c.node.inputs[1]);
  const from = c.in(0);
  const vector = c.types.vector(c.node.inputs[0]);
  if (vector) c.types.setVector(c.node.outputs[0], vector);
  if (!target) {
    const rank = c.in(1)?.[0];
    return [like(c, typeof rank === 'number' ? Array.from({ length: rank }, (_, i) => c.fresh(i)) : undefined)]; // prettier-ignore
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

const squeeze: InferenceRule = (c) => {
  const dims = c.in(0);
  const axes = c.node.inputs[1] ? c.types.integers(c.node.inputs[1]) : undefined;
  const vector = c.types.vector(c.node.inputs[0]);
  if (vector) c.types.setVector(c.node.outputs[0], vector);
  if (!dims || (c.node.inputs[1] && !axes)) return [like(c, undefined)];
  const drop = axes?.map((axis) => positive(axis, dims.length));
  return [like(c, dims.filter((size, i) => (drop ? !drop.includes(i) : size !== 1)))]; // prettier-ignore
};

const unsqueeze: InferenceRule = (c) => {
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

const concat: InferenceRule = (c) => {
  const vectors = c.node.inputs.map((input) => c.types.vector(input));
  if (vectors.every((vector) => vector !== undefined)) c.types.setVector(c.node.outputs[0], vectors.flat());
  const all = c.node.inputs.map((_, i) => c.in(i));
  const known = all.find((dims) => dims !== undefined);
  if (!known) return [like(c, undefined)];
  const axis = positive(c.node.attributes.int('axis', 0), known.length);
  const sizes = all.map((dims) => dims?.[axis] ?? '');
  return [like(c, known.map((size, i) => (i === axis ? sum(sizes, c.fresh(axis)) : size)))]; // prettier-ignore
};

const split: InferenceRule = (c) => {
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
  const [starts, ends] = [types.integers(node.inputs[1]), types.integers(node.inputs[2])];
  const optional = (i: number) => (node.inputs[i] ? types.integers(node.inputs[i]) : []);
  const [axes, steps] = [optional(3), optional(4)];
  if (!dims || !starts || !ends || !axes || !steps) return undefined;
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

const slice: InferenceRule = (c) => {
  const dims = c.in(0);
  const ranges = sliceRanges(c);
  const vector = c.types.vector(c.node.inputs[0]);
  if (vector && ranges?.length === 1 && ranges[0].count !== undefined) {
    const { start, count, step } = ranges[0];
    c.types.setVector(c.node.outputs[0], Array.from({ length: count }, (_, i) => vector[start + i * step])); // prettier-ignore
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

const gather: InferenceRule = (c) => {
  const [dims, indices] = [c.in(0), c.in(1)];
  const axisGiven = c.node.attributes.int('axis', 0);
  const [vector, at] = [c.types.vector(c.node.inputs[0]), c.types.integers(c.node.inputs[1])];
  if (vector && at) c.types.setVector(c.node.outputs[0], at.map((i) => vector[positive(i, vector.length)])); // prettier-ignore
  if (!dims || !indices) return [like(c, undefined)];
  const axis = positive(axisGiven, dims.length);
  return [like(c, [...dims.slice(0, axis), ...indices, ...dims.slice(axis + 1)])];
};

const transpose: InferenceRule = (c) => {
  const dims = c.in(0);
  const order = c.node.attributes.ints('perm') ?? dims?.map((_, i) => dims.length - 1 - i);
  return [like(c, dims && order?.map((i) => dims[i]))];
};

const flatten: InferenceRule = (c) => {
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

const expand: InferenceRule = (c) => {
  const [dims, target] = [c.in(0), c.types.vector(c.node.inputs[1])];
  if (dims && target) return [like(c, broadcast(dims, target))];
  const rank = c.in(1)?.[0];
  const known = dims && typeof rank === 'number' ? Math.max(dims.length, rank) : undefined;
  return [like(c, known === undefined ? undefined : Array.from({ length: known }, (_, i) => c.fresh(i)))];
};

const filled: InferenceRule = (c) => {
  const dims = c.types.vector(c.node.inputs[0]);
  const value = c.node.attributes.tensor('value');
  const count = dims?.every((size) => typeof size === 'number') ? (dims as number[]).reduce((a, b) => a * b, 1) : Infinity; // prettier-ignore
  if (value && /^int/.test(value.type) && count <= 64) {
    c.types.setVector(c.node.outputs[0], Array<number>(count).fill(numbersOf(value)[0]));
  }
  return [{ type: value?.type ?? 'float32', dims }];
};

const pad: InferenceRule = (c) => {
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

const gemm: InferenceRule = (c) => {
  const [a, b] = [c.in(0), c.in(1)];
  const transposed = (name: string) => c.node.attributes.int(name, 0) === 1;
  return [like(c, [a?.[transposed('transA') ? 1 : 0] ?? c.fresh(0), b?.[transposed('transB') ? 0 : 1] ?? c.fresh(1)])]; // prettier-ignore
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
  return [like(c, keep ? dims.map((size, i) => (gone(i) ? 1 : size)) : dims.filter((_, i) => !gone(i)))]; // prettier-ignore
};

const argReduce: InferenceRule = (c) => {
  const dims = c.in(0);
  const axis = positive(c.node.attributes.int('axis', 0), dims?.length ?? 0);
  const keep = c.node.attributes.int('keepdims', 1) === 1;
  return [{ type: 'int64', dims: keep ? dims?.map((size, i) => (i === axis ? 1 : size)) : dims?.filter((_, i) => i !== axis) }]; // prettier-ignore
};

const blocks =
  (scale: (c: Dim, h: Dim, w: Dim, b: number, fresh: (i: number) => Dim) => Dim[]): InferenceRule =>
  (c) => {
    const dims = c.in(0);
    if (dims?.length !== 4) return [like(c, undefined)];
    const [n, channels, h, w] = dims;
    return [like(c, [n, ...scale(channels, h, w, c.node.attributes.int('blocksize', 1), (i) => c.fresh(i))])]; // prettier-ignore
  };
const times = (a: Dim, by: number, fresh: Dim): Dim => (typeof a === 'number' ? a * by : fresh);

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

const each = (names: string, rule: InferenceRule) => Object.fromEntries(names.split(' ').map((name) => [name, rule])); // prettier-ignore

/** Output types and sizes by operator (opset 18 forms). */
export const inferences: Record<string, InferenceRule | undefined> = {
  ...each('Relu LeakyRelu Elu Selu Celu Gelu Sigmoid HardSigmoid HardSwish Mish Softplus Softsign ThresholdedRelu Tanh Erf Exp Log Sqrt Reciprocal Abs Neg Clip Sin Cos Softmax LogSoftmax BatchNormalization InstanceNormalization GroupNormalization LRN Dropout Floor Ceil Round Sign Not IsNaN CumSum', same), // prettier-ignore
  ...each('Add Sub Mul Div Pow Min Max Sum Mean PRelu Mod And Or Xor', broadcasting),
  ...each('Equal Greater GreaterOrEqual Less LessOrEqual', comparison),
  ...each('ReduceSum ReduceMean ReduceMax ReduceMin ReduceProd ReduceLogSumExp ReduceSumSquare ReduceL1 ReduceL2', reduce), // prettier-ignore
  ...each('ArgMax ArgMin', argReduce),
  ...each('GlobalAveragePool GlobalMaxPool', (c) => [like(c, c.in(0)?.map((size, i) => (i < 2 ? size : 1)))]), // prettier-ignore
  Identity: passing,
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
  DepthToSpace: blocks((ch, h, w, b, f) => [typeof ch === 'number' ? ch / (b * b) : f(1), times(h, b, f(2)), times(w, b, f(3))]), // prettier-ignore
  SpaceToDepth: blocks((ch, h, w, b, f) => [times(ch, b * b, f(1)), times(h, 1 / b, f(2)), times(w, 1 / b, f(3))]), // prettier-ignore
  Conv: convolution,
  ConvTranspose: convTranspose,
  ...each('MaxPool AveragePool', pooling),
  Resize: resize,
};
