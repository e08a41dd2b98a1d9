import { OnnxGradientError } from '../errors.js';
import type { Attributes } from './attributes.js';
import type { Constant } from './constant.js';
import type { ElementType } from './element-types.js';

/** A size: known, or a symbol that stands for the same size wherever it appears. */
export type Dim = number | string;

export interface ValueType {
  type: ElementType;
  /** Absent where not even the rank is known. */
  dims?: readonly Dim[];
}

export interface Value extends ValueType {
  name: string;
}

/** What running has told about a value, beyond what can be inferred. */
export interface Known {
  dims: readonly Dim[];
  /** Of a value that depends on constants and sizes alone. */
  value?: Constant;
  /** Of integers, some of which follow the batch. */
  vector?: readonly Dim[];
}

/** One operation. An empty name among the inputs is an optional input left out. */
export interface Node {
  op: string;
  /** As in the file, for messages. */
  name: string;
  domain: string;
  inputs: readonly string[];
  outputs: readonly string[];
  attributes: Attributes;
}

/** An ONNX model as plain data, nodes in an order in which they can be computed. */
export interface Graph {
  opset: number;
  /** The tool that the file says it is from: `pytorch`, `tf2onnx`. */
  producer?: string;
  /** Versions of other operator domains. */
  domains: ReadonlyMap<string, number>;
  inputs: readonly Value[];
  outputs: readonly Value[];
  nodes: readonly Node[];
  constants: ReadonlyMap<string, Constant>;
  /** Types that the file states for values in between. */
  stated: ReadonlyMap<string, ValueType>;
  /** What a `shapeProbe` found out. */
  known?: ReadonlyMap<string, Known>;
}

/** `Conv "/layer1/conv"`: how messages name a node. */
export const nameOf = (node: Node): string =>
  `${node.op} "${node.name || (node.outputs.find(Boolean) ?? '')}"`;

/** Nodes in computing order; a cycle, a value made twice or an input that nothing makes is an error. */
export function sortNodes(nodes: readonly Node[], given: Iterable<string>): Node[] {
  const complain = (message: string): never => {
    throw new OnnxGradientError('model-format', message);
  };
  const ready = new Set(given);
  const maker = new Map<string, number>();
  nodes.forEach((node, i) => {
    for (const output of node.outputs) {
      if (output === '') continue;
      if (maker.has(output) || ready.has(output)) complain(`The value "${output}" is made twice.`);
      maker.set(output, i);
    }
  });
  const waiting = nodes.map(() => 0);
  const users = nodes.map((): number[] => []);
  nodes.forEach((node, i) => {
    for (const input of node.inputs) {
      if (input === '' || ready.has(input)) continue;
      const from = maker.get(input);
      if (from === undefined) return complain(`${nameOf(node)} uses "${input}", which nothing makes.`);
      users[from].push(i);
      waiting[i]++;
    }
  });
  const order = waiting.flatMap((count, i) => (count === 0 ? [i] : []));
  for (let at = 0; at < order.length; at++) {
    for (const user of users[order[at]]) if (--waiting[user] === 0) order.push(user);
  }
  if (order.length < nodes.length) {
    const stuck = nodes.find((_, i) => waiting[i] > 0)!;
    complain(`The graph has a cycle through ${nameOf(stuck)}.`);
  }
  return order.map((i) => nodes[i]);
}

/** Only what the given values need, and constants that are used. */
export function prune(graph: Graph, outputs: readonly string[]): Pick<Graph, 'nodes' | 'constants'> {
  const needed = new Set(outputs);
  const nodes: Node[] = [];
  // A graph inside a node may use any value of this one.
  if (graph.nodes.some((node) => node.attributes.hasGraph)) return graph;
  for (const node of [...graph.nodes].reverse()) {
    if (!node.outputs.some((output) => needed.has(output))) continue;
    node.inputs.forEach((input) => needed.add(input));
    nodes.push(node);
  }
  const constants = new Map([...graph.constants].filter(([name]) => needed.has(name)));
  return { nodes: nodes.reverse(), constants };
}
