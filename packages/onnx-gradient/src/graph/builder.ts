import { type AttributeInput, Attributes } from '../model/attributes.js';
import { type Constant, constantFrom, sizeOf } from '../model/constant.js';
import { elementNumber, type ElementType } from '../model/element-types.js';
import type { Dim, Node } from '../model/graph.js';

type Inputs = readonly string[];

/** Writes operations one after the other; every method returns the name of the value it makes. */
export class Builder {
  readonly nodes: Node[] = [];
  readonly constants = new Map<string, Constant>();
  readonly #taken: Set<string>;
  readonly #cached = new Map<string, string>();
  readonly #naming?: (hint: string) => string;
  #count = 0;

  /** @param naming Names that meet no others, instead of those that avoid `taken`. */
  constructor(taken: Iterable<string> = [], naming?: (hint: string) => string) {
    this.#taken = new Set(taken);
    this.#naming = naming;
  }

  fresh(hint: string): string {
    if (this.#naming) return this.#naming(hint);
    let name: string;
    do name = `${hint}#${this.#count++}`;
    while (this.#taken.has(name));
    return name;
  }

  /** One operation with one output. The same operation on the same inputs is written once. */
  op(op: string, inputs: Inputs, attributes: Record<string, AttributeInput | undefined> = {}): string {
    const key = JSON.stringify([op, inputs, attributes]);
    let made = this.#cached.get(key);
    if (made === undefined) {
      made = this.fresh(op);
      this.#cached.set(key, made);
      this.node(op, inputs, [made], attributes);
    }
    return made;
  }

  node(
    op: string,
    inputs: Inputs,
    outputs: Inputs,
    attributes: Record<string, AttributeInput | undefined> = {},
  ) {
    this.nodes.push({
      op,
      name: outputs[0],
      domain: '',
      inputs,
      outputs,
      attributes: Attributes.of(attributes),
    });
  }

  constant(value: Constant, hint = 'constant'): string {
    const name = this.fresh(hint);
    this.constants.set(name, value);
    return name;
  }

  filled(type: ElementType, dims: readonly number[], values: ArrayLike<number>): string {
    const key = sizeOf(dims) <= 64 ? JSON.stringify([type, dims, Array.from(values)]) : undefined;
    const found = key && this.#cached.get(key);
    if (found) return found;
    const name = this.constant(constantFrom(type, dims, values));
    if (key) this.#cached.set(key, name);
    return name;
  }

  scalar(value: number, type: ElementType): string {
    return this.filled(type, [], [value]);
  }
  ints(values: readonly number[]): string {
    return this.filled('int64', [values.length], values);
  }

  add = (a: string, b: string) => this.op('Add', [a, b]);
  sub = (a: string, b: string) => this.op('Sub', [a, b]);
  mul = (a: string, b: string) => this.op('Mul', [a, b]);
  div = (a: string, b: string) => this.op('Div', [a, b]);
  neg = (a: string) => this.op('Neg', [a]);
  where = (condition: string, a: string, b: string) => this.op('Where', [condition, a, b]);
  sum = (a: string, axes: readonly number[], keepdims = 1) =>
    this.op('ReduceSum', [a, this.ints(axes)], { keepdims });
  mean = (a: string, axes: readonly number[], keepdims = 1) =>
    this.op('ReduceMean', [a, this.ints(axes)], { keepdims });
  shape = (a: string) => this.op('Shape', [a]);
  transpose = (a: string, perm: readonly number[]) => this.op('Transpose', [a], { perm });
  cast = (a: string, to: ElementType) => this.op('Cast', [a], { to: elementNumber(to) });
  expandLike = (a: string, like: string) => this.op('Expand', [a, this.shape(like)]);

  /** To sizes of which at most one is a symbol; otherwise to the shape of `like`, read while running. */
  reshape(a: string, dims: readonly Dim[], like?: string): string {
    if (dims.filter((size) => typeof size === 'string').length <= 1) {
      return this.op('Reshape', [a, this.ints(dims.map((size) => (typeof size === 'string' ? -1 : size)))]);
    }
    if (like === undefined) throw new RangeError(`A reshape to [${dims.join(', ')}] is ambiguous.`);
    return this.op('Reshape', [a, this.shape(like)]);
  }
}
