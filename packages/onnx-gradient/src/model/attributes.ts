import { create } from '@bufbuild/protobuf';
import type { Constant } from './constant.js';
import {
  type AttributeProto,
  AttributeProtoSchema,
  AttributeProto_AttributeType as Type,
  type GraphProto,
} from './onnx_pb.js';
import { decodeTensor, encodeTensor } from './tensors.js';

const named = (name: string, rest: Partial<Omit<AttributeProto, '$typeName' | '$unknown'>>) =>
  create(AttributeProtoSchema, { name, ...rest });

/** What a node's attribute can be made from: write floats as `float(0.5)`, since 1 could be either. */
export type AttributeInput =
  number | readonly number[] | string | { float: number } | { floats: number[] } | { graph: GraphProto };
export const float = (value: number): AttributeInput => ({ float: value });

export function attribute(name: string, value: AttributeInput): AttributeProto {
  if (typeof value === 'number') return named(name, { type: Type.INT, i: BigInt(value) });
  if (typeof value === 'string')
    return named(name, { type: Type.STRING, s: new TextEncoder().encode(value) });
  if ('float' in value) return named(name, { type: Type.FLOAT, f: value.float });
  if ('floats' in value) return named(name, { type: Type.FLOATS, floats: value.floats });
  if ('graph' in value) return named(name, { type: Type.GRAPH, g: value.graph });
  return named(name, { type: Type.INTS, ints: value.map(BigInt) });
}

export const tensorAttribute = (name: string, value: Constant): AttributeProto =>
  named(name, { type: Type.TENSOR, t: encodeTensor('', value) });

/** The attributes of one node, read by name and type with a default. */
export class Attributes {
  readonly #byName: ReadonlyMap<string, AttributeProto>;
  readonly all: readonly AttributeProto[];
  constructor(attributes: readonly AttributeProto[]) {
    this.all = attributes;
    this.#byName = new Map(attributes.map((each) => [each.name, each]));
  }
  static of(values: Record<string, AttributeInput | undefined>): Attributes {
    const given = Object.entries(values).filter(([, value]) => value !== undefined);
    return new Attributes(given.map(([name, value]) => attribute(name, value!)));
  }
  /** With some replaced, or removed where the value is undefined. */
  with(values: Record<string, AttributeInput | undefined>): Attributes {
    const kept = this.all.filter((each) => !(each.name in values));
    return new Attributes([...kept, ...Attributes.of(values).all]);
  }
  has(name: string): boolean {
    return this.#byName.has(name);
  }
  int(name: string, otherwise: number): number {
    const found = this.#byName.get(name);
    return found ? Number(found.i) : otherwise;
  }
  float(name: string, otherwise: number): number {
    return this.#byName.get(name)?.f ?? otherwise;
  }
  string(name: string, otherwise: string): string {
    const found = this.#byName.get(name);
    return found ? new TextDecoder().decode(found.s) : otherwise;
  }
  ints(name: string): number[] | undefined {
    return this.#byName.get(name)?.ints.map(Number);
  }
  floats(name: string): number[] | undefined {
    return this.#byName.get(name)?.floats;
  }
  strings(name: string): string[] {
    return (this.#byName.get(name)?.strings ?? []).map((each) => new TextDecoder().decode(each));
  }
  tensor(name: string): Constant | undefined {
    const found = this.#byName.get(name)?.t;
    return found && decodeTensor(found);
  }
  graph(name: string): GraphProto | undefined {
    return this.#byName.get(name)?.g;
  }
  /** Every name that graphs within take, their own values among them. */
  innerInputs(): string[] {
    const inside = (graph: GraphProto): string[] =>
      graph.node.flatMap((node) => [
        ...node.input,
        ...node.attribute.flatMap(({ g }) => (g ? inside(g) : [])),
      ]);
    return this.all.flatMap(({ g, graphs }) =>
      [...(g ? [g] : []), ...graphs].flatMap((each) => [
        ...inside(each),
        ...each.output.map(({ name }) => name),
      ]),
    );
  }
  /** Control flow carries graphs of its own. */
  get hasGraph(): boolean {
    return this.all.some((each) => each.g !== undefined || each.graphs.length > 0);
  }
}
