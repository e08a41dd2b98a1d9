import { type Constant, numbersOf, sizeOf } from '../model/constant.js';
import type { Dim, Graph, Known, Node, ValueType } from '../model/graph.js';

/** Integer vectors longer than this are data, not shapes. */
const longestVector = 64;

/** What an inference rule is given: one node, and what is known of its inputs. */
export interface Inference {
  node: Node;
  types: Types;
  /** Sizes of the i-th input. */
  in(i: number): readonly Dim[] | undefined;
  /** A symbol for a size that only running tells. */
  fresh(axis: number, of?: number): string;
}

export type InferenceRule = (context: Inference) => (Partial<ValueType> | undefined)[];

/** What is known about the values of a graph: types, sizes, and small integer vectors that shapes are made of. */
export class Types {
  readonly #types = new Map<string, ValueType>();
  readonly #vectors = new Map<string, readonly Dim[]>();
  readonly #constants: ReadonlyMap<string, Constant>;
  readonly #origins = new Map<string, Node>();
  readonly #known: ReadonlyMap<string, Known>;

  constructor(graph: Pick<Graph, 'inputs' | 'stated' | 'known'>, constants: ReadonlyMap<string, Constant>) {
    this.#constants = constants;
    this.#known = graph.known ?? new Map<string, Known>();
    graph.inputs.forEach((input) => this.#types.set(input.name, input));
    graph.stated.forEach((type, name) => this.#types.set(name, type));
  }

  get(name: string): ValueType | undefined {
    const constant = this.#constants.get(name);
    return constant ? { type: constant.type, dims: constant.dims } : this.#types.get(name);
  }

  /** What the file or an earlier inference says of a value that is no constant. */
  stated(name: string): ValueType | undefined {
    return this.#types.get(name);
  }

  /** What a probe found out. */
  known(name: string): Known | undefined {
    return this.#known.get(name);
  }

  dims(name: string): readonly Dim[] | undefined {
    return this.get(name)?.dims;
  }

  constant(name: string): Constant | undefined {
    return this.#constants.get(name);
  }

  /** The elements of a small integer tensor, symbols among them where they are sizes. */
  vector(name: string): readonly Dim[] | undefined {
    const constant = this.#constants.get(name);
    if (!constant) return this.#vectors.get(name);
    if (!/^int|bool/.test(constant.type) || sizeOf(constant.dims) > longestVector) return undefined;
    return Array.from(numbersOf(constant));
  }

  /** The same where every element is a number. */
  integers(name: string): number[] | undefined {
    const vector = this.vector(name);
    return vector?.every((each) => typeof each === 'number') ? ([...vector] as number[]) : undefined;
  }

  set(name: string, type: ValueType): void {
    this.#types.set(name, type);
  }

  /** The node that is the reason why nothing is known of a value's sizes, should nothing be known of them. */
  originOf(name: string): Node | undefined {
    return this.#origins.get(name);
  }

  setOrigin(name: string, node: Node): void {
    this.#origins.set(name, node);
  }

  setVector(name: string, vector: readonly Dim[]): void {
    if (vector.length <= longestVector) this.#vectors.set(name, vector);
  }
}
