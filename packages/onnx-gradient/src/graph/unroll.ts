import { OnnxGradientError } from '../errors.js';
import { Attributes } from '../model/attributes.js';
import { type Constant, constantFrom, numbersOf } from '../model/constant.js';
import { nameOf, type Node } from '../model/graph.js';
import { branchNodes } from '../model/inline.js';
import type { GraphProto } from '../model/onnx_pb.js';
import { nodesOf } from '../model/read.js';
import { decodeTensor } from '../model/tensors.js';
import type { Types } from '../shapes/types.js';

/** Nodes that the loops of a model may become, all of them together. */
const mostNodes = 100_000;

/** What unrolling does with the graph around. */
export interface Around {
  types: Types;
  constants: Map<string, Constant>;
  /** A name that nothing has. */
  fresh: (hint: string) => string;
  /** Takes a node in the form of the file. */
  take: (node: Node) => void;
  /** Takes a node in its newest form. */
  emit: (node: Node) => void;
  /** Nodes that loops have become so far. */
  unrolled: number;
}

/**
 * Replaces control flow by the nodes that it runs: the branch of an If that a constant condition takes, the body of a Loop or a Scan as
 * often as constants say.
 * @throws OnnxGradientError `operator-unsupported` where that depends on the input
 */
export function unroll(node: Node, around: Around): void {
  const kind = { If: branch, Loop: loop, Scan: scan }[node.op];
  if (!kind) throw refused(node, 'has a graph within it that is not known here');
  kind(node, around);
}

const refused = (node: Node, why: string) =>
  new OnnxGradientError(
    'operator-unsupported',
    `${nameOf(node)} ${why}, which cannot be differentiated here. Export the model without it.`,
  );
const dependsOnInput = 'is control flow that depends on the input';

function branch(node: Node, around: Around): void {
  const condition = around.types.constant(node.inputs[0]);
  const graph = condition && node.attributes.graph(numbersOf(condition)[0] ? 'then_branch' : 'else_branch');
  if (!graph) throw refused(node, dependsOnInput);
  run(graph, { inputs: [], outputs: node.outputs, prefix: `${node.outputs[0]}/` }, around);
}

/** Inputs (trips, condition, what is carried …), body (trip, condition, carried …) → (condition, carried …, collected …). */
function loop(node: Node, around: Around): void {
  const { types } = around;
  const body = bodyOf(node);
  const [trips = '', condition = '', ...initial] = node.inputs;
  const truth = (name: string): boolean => {
    const value = types.constant(name);
    if (!value) throw refused(node, dependsOnInput);
    return numbersOf(value)[0] !== 0;
  };
  const most = trips === '' ? Infinity : types.constant(trips);
  if (most === undefined) throw refused(node, dependsOnInput);
  const count = typeof most === 'number' ? most : numbersOf(most)[0];
  let going = condition === '' || truth(condition);
  let carried: readonly string[] = initial;
  const collected: string[][] = body.output.slice(1 + initial.length).map(() => []);
  for (let trip = 0; going && trip < count; trip++) {
    const inputs = [
      stated(around, constantFrom('int64', [], [trip])),
      stated(around, constantFrom('bool', [], [1])),
      ...carried,
    ];
    const [next, ...outputs] = runBody(node, body, inputs, trip, around);
    going = truth(next);
    carried = outputs.slice(0, initial.length);
    collected.forEach((parts, k) => parts.push(outputs[initial.length + k]));
  }
  end(node, carried, around);
  collected.forEach((parts, k) => stack(node, initial.length + k, parts, 0, around));
}

/** Inputs (states …, sequences …), body (states …, elements …) → (states …, collected …). */
function scan(node: Node, around: Around): void {
  const { types } = around;
  const body = bodyOf(node);
  const sequences = node.inputs.slice(node.inputs.length - node.attributes.int('num_scan_inputs', 0));
  const of = (name: string, k: number) => node.attributes.ints(name)?.[k] ?? 0;
  let states: readonly string[] = node.inputs.slice(0, node.inputs.length - sequences.length);
  const sizes = sequences.map((name, k) => types.dims(name)?.at(of('scan_input_axes', k)));
  const [trips] = sizes;
  if (typeof trips !== 'number') throw refused(node, 'goes over a sequence whose length is not known');
  if (trips > mostNodes) throw refused(node, `goes over a sequence of ${trips} elements`);
  const pieces = sequences.map((name, k) => split(name, of('scan_input_axes', k), trips, around));
  const collected: string[][] = body.output.slice(states.length).map(() => []);
  for (let trip = 0; trip < trips; trip++) {
    const at = (k: number) => (of('scan_input_directions', k) === 1 ? trips - 1 - trip : trip);
    const inputs = [...states, ...pieces.map((parts, k) => parts[at(k)])];
    const outputs = runBody(node, body, inputs, trip, around);
    const elements = outputs.slice(states.length);
    states = outputs.slice(0, states.length);
    collected.forEach((parts, k) => {
      if (of('scan_output_directions', k) === 1) parts.unshift(elements[k]);
      else parts.push(elements[k]);
    });
  }
  end(node, states, around);
  collected.forEach((parts, k) => stack(node, states.length + k, parts, of('scan_output_axes', k), around));
}

function bodyOf(node: Node): GraphProto {
  const body = node.attributes.graph('body');
  if (!body) throw new OnnxGradientError('model-format', `${nameOf(node)} has no body.`);
  return body;
}

/** One trip through a body; returns the names of what it gives. */
function runBody(node: Node, body: GraphProto, inputs: string[], trip: number, around: Around): string[] {
  around.unrolled += Math.max(1, body.node.length);
  if (around.unrolled > mostNodes)
    throw refused(node, `takes the nodes of loops, one after the other, beyond ${mostNodes}`);
  const prefix = `${node.outputs.find((name) => name !== '')}/${trip}/`;
  const outputs = body.output.map(({ name }) => around.fresh(`${prefix}${name}`));
  run(body, { inputs, outputs, prefix }, around);
  return outputs;
}

interface Within {
  inputs: readonly string[];
  outputs: readonly string[];
  prefix: string;
}

function run(graph: GraphProto, { inputs, outputs, prefix }: Within, around: Around): void {
  const { node: nodes, initializer } = branchNodes(graph, outputs, prefix, inputs);
  initializer.forEach((tensor) => around.constants.set(tensor.name, decodeTensor(tensor)));
  nodesOf(nodes, around.constants).forEach(around.take);
}

const made = (op: string, inputs: string[], outputs: string[], attributes = {}): Node => ({
  op,
  name: outputs[0],
  domain: '',
  inputs,
  outputs,
  attributes: Attributes.of(attributes),
});

function stated({ constants, fresh }: Around, value: Constant): string {
  const name = fresh('constant');
  constants.set(name, value);
  return name;
}

/** What is carried at the end is what the node gives first. */
function end(node: Node, carried: readonly string[], { emit }: Around): void {
  carried.forEach((name, k) => {
    if (node.outputs[k]) emit(made('Identity', [name], [node.outputs[k]]));
  });
}

/** The elements along an axis, each without it. */
function split(name: string, axis: number, count: number, around: Around): string[] {
  const { emit, fresh } = around;
  const parts = Array.from({ length: count }, () => fresh(`${name}/part`));
  emit(made('Split', [name], parts, { axis, num_outputs: count }));
  const axes = stated(around, constantFrom('int64', [1], [axis]));
  return parts.map((part) => {
    const element = fresh(`${name}/element`);
    emit(made('Squeeze', [part, axes], [element]));
    return element;
  });
}

/** What the trips gave, along a new axis, as the node's output of a number. */
function stack(node: Node, output: number, parts: readonly string[], axis: number, around: Around): void {
  const name = node.outputs[output];
  if (!name) return;
  if (parts.length === 0) throw refused(node, 'runs not once, and so makes nothing of what it collects');
  const { emit, fresh } = around;
  const axes = stated(around, constantFrom('int64', [1], [axis]));
  const rows = parts.map((part) => {
    const row = fresh(`${part}/row`);
    emit(made('Unsqueeze', [part, axes], [row]));
    return row;
  });
  emit(made('Concat', rows, [name], { axis }));
}
