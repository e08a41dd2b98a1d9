import { type AttributeInput, Builder, type Dim } from '@gauntlet/onnx-gradient';
import { names } from '../names.js';

/** A tensor on its way through the lowering. */
export interface Value {
  name: string;
  /** Without the batch, channels last, as TensorFlow.js states it. */
  dims: readonly Dim[];
  /** How it lies in memory: ONNX convolutes with channels first, everything else keeps TensorFlow's order. */
  layout: 'first' | 'last';
}

export interface Weight {
  dims: readonly number[];
  values: Float32Array;
}

/** A layer that has no counterpart here; the message says which and why. */
export class NotLowered extends Error {
  override readonly name = 'NotLowered';
}

/** Writes ONNX operations and moves channels only where an operation asks for it. */
export class Emitter {
  readonly g = new Builder(Object.values(names));

  /** Channels first: [n, …, c] → [n, c, …]. */
  first(value: Value): Value {
    const rank = value.dims.length;
    if (value.layout === 'first' || rank === 1) return { ...value, layout: 'first' };
    return {
      ...value,
      layout: 'first',
      name: this.#move(value, [0, rank, ...range(1, rank)], toFirst(value.dims)),
    };
  }

  /** Channels last, TensorFlow's own order. */
  last(value: Value): Value {
    const rank = value.dims.length;
    if (value.layout === 'last' || rank === 1) return { ...value, layout: 'last' };
    return { ...value, layout: 'last', name: this.#move(value, [0, ...range(2, rank + 1), 1], value.dims) };
  }

  /** With one channel or one position a transposition moves nothing: a reshape does. */
  #move(value: Value, perm: number[], target: readonly Dim[]): string {
    const channels = value.dims[value.dims.length - 1];
    const positions = value.dims.slice(0, -1);
    const still = channels === 1 || positions.every((size) => size === 1);
    if (still && target.every((size) => typeof size === 'number'))
      return this.g.reshape(value.name, ['N', ...target]);
    return this.g.transpose(value.name, perm);
  }

  /** The same operation on every element, in whatever order they lie. */
  each(
    op: string,
    value: Value,
    rest: string[] = [],
    attributes: Record<string, AttributeInput> = {},
  ): Value {
    return { ...value, name: this.g.op(op, [value.name, ...rest], attributes) };
  }

  constant(values: Float32Array, dims: readonly number[]): string {
    return this.g.filled('float32', dims, values);
  }
  scalar = (value: number) => this.g.scalar(value, 'float32');
}

export const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
const toFirst = (dims: readonly Dim[]) => [dims[dims.length - 1], ...dims.slice(0, -1)];

/** Moves a weight's axes: `order[i]` is the axis that comes i-th. */
export function permuted({ dims, values }: Weight, order: readonly number[]): Weight {
  const target = order.map((axis) => dims[axis]);
  const stride = dims.map((_, i) => dims.slice(i + 1).reduce((a, b) => a * b, 1));
  const result = new Float32Array(values.length);
  const at = target.map(() => 0);
  for (let i = 0; i < values.length; i++) {
    result[i] = values[at.reduce((sum, k, axis) => sum + k * stride[order[axis]], 0)];
    for (let axis = at.length - 1; axis >= 0 && ++at[axis] === target[axis]; axis--) at[axis] = 0;
  }
  return { dims: target, values: result };
}
