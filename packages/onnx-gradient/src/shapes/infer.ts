import { nameOf, type Dim, type Graph, type Node, type ValueType } from '../graph/graph.js';
import { numbersOf, sizeOf, type Constant } from '../model/constant.js';
import { inferences } from './inferences.js';

/** Integer vectors longer than this are data, not shapes. */
const longestVector = 64;

/** What is known about the values of a graph: types, sizes, and small integer vectors that shapes are made of. */
export class Types {
  readonly #types = new Map<string, ValueType>();
  readonly #vectors = new Map<string, readonly Dim[]>();
  readonly #constants: ReadonlyMap<string, Constant>;

  constructor(graph: Pick<Graph, 'inputs' | 'stated'>, constants: ReadonlyMap<string, Constant>) {
    this.#constants = constants;
    graph.inputs.forEach((input) => this.#types.set(input.name, input));
    graph.stated.forEach((type, name) => this.#types.set(name, type));
  }

  get(name: string): ValueType | undefined {
    const constant = this.#constants.get(name);
    return constant ? { type: constant.type, dims: constant.dims } : this.#types.get(name);
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

  setVector(name: string, vector: readonly Dim[]): void {
    if (vector.length <= longestVector) this.#vectors.set(name, vector);
  }

  /** Infers the outputs of a node whose inputs are known. What the file states fills the gaps. */
  infer(node: Node): void {
    const inference = node.domain === '' ? inferences[node.op] : undefined;
    const context: Inference = {
      node,
      types: this,
      in: (i) => this.dims(node.inputs[i] ?? ''),
      fresh: (axis, of = 0) => `${node.outputs[of] || nameOf(node)}.${axis}`,
    };
    const found = inference?.(context) ?? [];
    node.outputs.forEach((output, i) => {
      if (output === '') return;
      const inferred = found[i];
      const stated = this.#types.get(output);
      if (inferred === undefined && stated) return;
      const type = inferred?.type ?? stated?.type ?? this.get(node.inputs[0] ?? '')?.type ?? 'float32';
      this.#types.set(output, { type, dims: mergeDims(inferred?.dims, stated?.dims) });
    });
  }
}

/** An inferred symbol is worth less than a stated number. */
function mergeDims(inferred: readonly Dim[] | undefined, stated: readonly Dim[] | undefined) {
  if (!inferred || !stated || inferred.length !== stated.length) return inferred ?? stated;
  return inferred.map((dim, i) => (typeof dim === 'number' ? dim : typeof stated[i] === 'number' ? stated[i] : dim)); // prettier-ignore
}

export interface Inference {
  node: Node;
  types: Types;
  /** Sizes of the i-th input. */
  in(i: number): readonly Dim[] | undefined;
  /** A symbol for a size that only running tells. */
  fresh(axis: number, of?: number): string;
}

export type InferenceRule = (context: Inference) => (Partial<ValueType> | undefined)[];
