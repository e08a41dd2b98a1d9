import { type Constant, numbersOf } from '../model/constant.js';
import type { Dim, Graph, Node } from '../model/graph.js';
import { infer } from '../shapes/infer.js';
import { Types } from '../shapes/types.js';
import { Builder } from './builder.js';
import { normalize } from './normalize.js';

/**
 * A model that was exported for a fixed batch, made to take any: the first size of its only input becomes `symbol`, and
 * what states sizes (Reshape, Expand, Resize, Concat with a constant, a recurrent network's first state) follows it. It
 * is a guess that the numbers have to prove: compare it with the original before it is used.
 */
export function freeBatch(original: Graph, symbol: string): Graph {
  const { graph, types: fixed } = normalize(original);
  const [input] = graph.inputs;
  const batch = input.dims?.[0] as number;
  const freed = { ...input, dims: [symbol, ...input.dims!.slice(1)] };
  const constants = new Map<string, Constant>(graph.constants);
  const types = new Types({ inputs: [freed], stated: new Map() }, constants);
  const g = new Builder([
    ...constants.keys(),
    input.name,
    ...graph.nodes.flatMap((node) => [node.name, ...node.outputs]),
  ]);
  const context: Context = { g, types, fixed, batch, symbol };
  const nodes: Node[] = [];
  for (const node of graph.nodes) {
    const changed = (node.domain === '' ? rewrites[node.op]?.(node, context) : undefined) ?? node;
    for (const each of [...g.nodes.splice(0), changed]) {
      g.constants.forEach((value, name) => constants.set(name, value));
      infer(types, each);
      // Inference without the file's own types; those do not change.
      each.outputs.forEach((name) => {
        const known = fixed.get(name);
        const found = types.get(name);
        if (known && found && known.type !== found.type) types.set(name, { ...found, type: known.type });
      });
      nodes.push(each);
    }
  }
  return { ...graph, inputs: [freed], nodes, constants, stated: new Map(), known: undefined };
}

interface Context {
  g: Builder;
  /** With the batch as a symbol. */
  types: Types;
  /** As it was exported. */
  fixed: Types;
  batch: number;
  symbol: string;
}

const follows = (size: Dim | undefined, symbol: string) =>
  typeof size === 'string' && size.split('·').includes(symbol);
const product = (sizes: readonly Dim[]) => sizes.reduce<number>((all, size) => all * Number(size), 1);

/** The axis of a value along which the batch runs. */
const batchAxis = (c: Context, name: string): number =>
  c.types.dims(name)?.findIndex((size) => follows(size, c.symbol)) ?? -1;

/** Row-major order keeps the batch behind as many numbers as were before it. */
function reshape(node: Node, c: Context): Node {
  const [x, target] = node.inputs;
  const axis = batchAxis(c, x);
  const [before, after] = [c.fixed.dims(x), c.fixed.dims(node.outputs[0])];
  const stated = c.fixed.constant(target);
  if (axis < 0 || !stated || !before?.every(isNumber) || !after?.every(isNumber)) return node;
  const ahead = product(before.slice(0, axis));
  const start = after.findIndex((_, i) => product(after.slice(0, i)) === ahead);
  if (start < 0) return node;
  // An axis of its own, or else one with what comes after it, unless that is as it was: then with what was before.
  const merged =
    start > 0 && after[start] !== 1 && after.slice(start).join() === before.slice(axis + 1).join();
  const place = merged ? start - 1 : start;
  const free = after.map((size, i) => (i === place ? -1 : size));
  return { ...node, inputs: [x, c.g.ints(free)], attributes: node.attributes.with({ allowzero: undefined }) };
}

const isNumber = (size: Dim): size is number => typeof size === 'number';

/** A size that the operand has is kept by a 1. */
function expand(node: Node, c: Context): Node {
  const axis = batchAxis(c, node.inputs[0]);
  const target = c.types.integers(node.inputs[1]);
  const rank = c.types.dims(node.inputs[0])?.length ?? 0;
  if (axis < 0 || !target) return node;
  const place = target.length - rank + axis;
  const free = target.map((size, i) => (i === place && size === c.batch ? 1 : size));
  return { ...node, inputs: [node.inputs[0], c.g.ints(free)] };
}

/** Operands that were as long as the batch by themselves are repeated along it. */
function concat(node: Node, c: Context): Node {
  const axes = node.inputs.map((name) => batchAxis(c, name));
  const axis = Math.max(...axes);
  if (axis < 0 || axes.every((each) => each >= 0) || c.batch !== 1) return node;
  const like = node.inputs[axes.indexOf(axis)];
  const rank = c.types.dims(like)!.length;
  const along = c.g.op('Shape', [like], { start: axis, end: axis + 1 });
  const ones = (count: number) => (count > 0 ? [c.g.ints(Array<number>(count).fill(1))] : []);
  const target = c.g.op('Concat', [...ones(axis), along, ...ones(rank - axis - 1)], { axis: 0 });
  const inputs = node.inputs.map((name, i) => (axes[i] < 0 ? c.g.op('Expand', [name, target]) : name));
  return { ...node, inputs };
}

/** Sizes for all axes: only those that change are stated. */
function resize(node: Node, c: Context): Node {
  const sizes = node.inputs[3] ? c.types.integers(node.inputs[3]) : undefined;
  const axis = batchAxis(c, node.inputs[0]);
  if (!sizes || axis < 0 || node.attributes.has('axes')) return node;
  const axes = sizes.map((_, i) => i).filter((i) => i !== axis);
  const rest = c.g.ints(axes.map((i) => sizes[i]));
  return { ...node, inputs: [node.inputs[0], '', '', rest], attributes: node.attributes.with({ axes }) };
}

/** Recurrent networks begin with zeros where no state is given. */
function recurrent(node: Node, c: Context): Node {
  const zero = (name: string) => {
    const value = name ? c.types.constant(name) : undefined;
    return value !== undefined && Array.from(numbersOf(value)).every((each) => each === 0);
  };
  return { ...node, inputs: node.inputs.map((name, i) => ((i === 5 || i === 6) && zero(name) ? '' : name)) };
}

const rewrites: Record<string, ((node: Node, c: Context) => Node) | undefined> = {
  Reshape: reshape,
  Expand: expand,
  Concat: concat,
  Resize: resize,
  LSTM: recurrent,
  GRU: recurrent,
  RNN: recurrent,
};
