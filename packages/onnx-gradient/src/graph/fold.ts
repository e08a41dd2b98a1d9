import { type Constant, constantFrom, constantOf, numbersOf, sizeOf } from '../model/constant.js';
import { elementSize, type ElementType, isFloat } from '../model/element-types.js';
import type { Node } from '../model/graph.js';
import { positive } from '../shapes/dims.js';
import type { Types } from '../shapes/types.js';

/** What ONNX Runtime would fold anyway stays in the graph if it is larger than this. */
const largest = 2 ** 24;

/** The value of a node all of whose inputs are constants, or undefined where it has to be computed by running. */
export function fold(node: Node, types: Types): Constant | undefined {
  if (node.domain !== '' || node.outputs.length !== 1) return undefined;
  if (node.op === 'Constant') return constantNode(node);
  const vector = types.integers(node.outputs[0]);
  const known = types.get(node.outputs[0]);
  if (vector && known?.dims && sizeOf(known.dims as number[]) === vector.length) {
    return constantFrom(known.type, known.dims as number[], vector);
  }
  const inputs = node.inputs.map((name) => types.constant(name));
  if (inputs.length === 0 || inputs.some((input, i) => !input && node.inputs[i] !== '')) return undefined;
  const total = inputs.reduce((sum, input) => sum + sizeOf(input?.dims ?? []), 0);
  // Broadcasting can make much out of little.
  const made = known?.dims?.reduce<number>((size, dim) => size * (typeof dim === 'number' ? dim : 1), 1) ?? 0;
  return Math.max(total, made) > largest ? undefined : folds[node.op]?.(node, inputs as Constant[], types);
}

function constantNode({ attributes }: Node): Constant | undefined {
  if (attributes.has('value_float')) return constantFrom('float32', [], [attributes.float('value_float', 0)]);
  if (attributes.has('value_int')) return constantFrom('int64', [], [attributes.int('value_int', 0)]);
  const [floats, ints] = [attributes.floats('value_floats'), attributes.ints('value_ints')];
  if (floats && attributes.has('value_floats')) return constantFrom('float32', [floats.length], floats);
  if (ints && attributes.has('value_ints')) return constantFrom('int64', [ints.length], ints);
  return undefined;
}

type Fold = (node: Node, inputs: Constant[], types: Types) => Constant | undefined;

/** Another shape over the same bytes; what the shape is, inference has found out. */
const reshaped: Fold = (node, [x], types) => {
  const dims = types.dims(node.outputs[0]);
  if (!dims?.every((size) => typeof size === 'number')) return undefined;
  return sizeOf(dims) === sizeOf(x.dims) ? { type: x.type, dims, bytes: () => x.bytes() } : undefined;
};

export function transposed(x: Constant, order: readonly number[]): Constant {
  const dims = order.map((i) => x.dims[i]);
  const stride = strides(x.dims);
  const steps = order.map((i) => stride[i]);
  return gathered(x, dims, steps, 0);
}

const strides = (dims: readonly number[]) => dims.map((_, i) => sizeOf(dims.slice(i + 1)));

/** Copies elements by a regular walk over the source. */
function gathered(x: Constant, dims: readonly number[], steps: readonly number[], start: number): Constant {
  const size = elementSize(x.type);
  const source = x.bytes();
  const count = sizeOf(dims);
  const target = new Uint8Array(count * size);
  const at = dims.map(() => 0);
  let from = start;
  for (let i = 0; i < count; i++) {
    for (let b = 0; b < size; b++) target[i * size + b] = source[from * size + b];
    for (let axis = dims.length - 1; axis >= 0; axis--) {
      from += steps[axis];
      if (++at[axis] < dims[axis]) break;
      from -= steps[axis] * dims[axis];
      at[axis] = 0;
    }
  }
  return constantOf(x.type, dims, target);
}

/** Flips a constant along axes: rotated filters. */
export function flipped(x: Constant, axes: readonly number[]): Constant {
  const stride = strides(x.dims);
  const start = axes.reduce((sum, axis) => sum + stride[axis] * (x.dims[axis] - 1), 0);
  return gathered(
    x,
    x.dims,
    stride.map((step, axis) => (axes.includes(axis) ? -step : step)),
    start,
  );
}

const elementwise =
  (compute: (a: number, b: number) => number, type?: ElementType): Fold =>
  (node, [a, b], types) => {
    const dims = types.dims(node.outputs[0]) as number[] | undefined;
    if (!dims) return undefined;
    const spread = (x: Constant) => {
      const stride = strides(x.dims);
      const missing = dims.length - x.dims.length;
      return dims.map((_, i) => (i < missing || x.dims[i - missing] === 1 ? 0 : stride[i - missing]));
    };
    const [left, right] = [a, b].map((x) => numbersOf(gathered(x, dims, spread(x), 0)));
    const whole = !isFloat(a.type);
    return constantFrom(
      type ?? a.type,
      dims,
      Array.from(left, (value, i) =>
        whole ? Math.trunc(compute(value, right[i])) : compute(value, right[i]),
      ),
    );
  };

const truth = (compare: (a: number, b: number) => boolean) =>
  elementwise((a, b) => Number(compare(a, b)), 'bool');

const unary =
  (compute: (x: number) => number): Fold =>
  (_, [x]) =>
    constantFrom(x.type, x.dims, Array.from(numbersOf(x), compute));

const concat: Fold = (node, inputs, types) => {
  const dims = types.dims(node.outputs[0]) as number[] | undefined;
  if (!dims) return undefined;
  const axis = positive(node.attributes.int('axis', 0), dims.length);
  const outer = sizeOf(dims.slice(0, axis));
  const parts = inputs.map((x) => ({
    bytes: x.bytes(),
    row: sizeOf(x.dims.slice(axis)) * elementSize(x.type),
  }));
  const row = parts.reduce((sum, part) => sum + part.row, 0);
  const target = new Uint8Array(outer * row);
  for (let i = 0, at = 0; i < outer; i++) {
    for (const part of parts) {
      target.set(part.bytes.subarray(i * part.row, (i + 1) * part.row), at);
      at += part.row;
    }
  }
  return constantOf(inputs[0].type, dims, target);
};

const folds: Record<string, Fold | undefined> = {
  Identity: (_, [x]) => x,
  Reshape: reshaped,
  Flatten: reshaped,
  Squeeze: reshaped,
  Unsqueeze: reshaped,
  Transpose: (node, [x]) =>
    transposed(x, node.attributes.ints('perm') ?? x.dims.map((_, i) => x.dims.length - 1 - i)),
  Cast: (node, [x], types) => constantFrom(types.get(node.outputs[0])!.type, x.dims, numbersOf(x)),
  Concat: concat,
  Add: elementwise((a, b) => a + b),
  Sub: elementwise((a, b) => a - b),
  Mul: elementwise((a, b) => a * b),
  Div: elementwise((a, b) => a / b),
  Pow: elementwise((a, b) => a ** b),
  Less: truth((a, b) => a < b),
  LessOrEqual: truth((a, b) => a <= b),
  Greater: truth((a, b) => a > b),
  GreaterOrEqual: truth((a, b) => a >= b),
  Equal: truth((a, b) => a === b),
  And: truth((a, b) => a !== 0 && b !== 0),
  Or: truth((a, b) => a !== 0 || b !== 0),
  Not: unary((x) => Number(x === 0)),
  Neg: unary((x) => -x),
  Sqrt: unary(Math.sqrt),
  Exp: unary(Math.exp),
  Log: unary(Math.log),
  Reciprocal: unary((x) => 1 / x),
  ConstantOfShape: (node, [shape]) => {
    const dims = Array.from(numbersOf(shape));
    if (sizeOf(dims) > largest) return undefined;
    const value = node.attributes.tensor('value') ?? constantFrom('float32', [1], [0]);
    return constantFrom(value.type, dims, Array<number>(sizeOf(dims)).fill(numbersOf(value)[0]));
  },
};
