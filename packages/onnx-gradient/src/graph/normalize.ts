import { infer } from '../shapes/infer.js';
import { type Constant, numbersOf } from '../model/constant.js';
import { elementType } from '../model/element-types.js';
import { type Graph, type Node, prune } from '../model/graph.js';
import { Types } from '../shapes/types.js';
import { fold } from './fold.js';
import { unroll } from './unroll.js';
import { upgrade } from './upgrade.js';
import { baseOpset } from '../model/opsets.js';

export interface Normalized {
  /** In the forms of opset 18 or later, constants folded, nothing dead in it. */
  graph: Graph;
  types: Types;
}

/** Brings old forms of operators to the newest, unrolls control flow, folds constants and infers types and sizes, in one pass. */
export function normalize(original: Graph): Normalized {
  const constants = new Map<string, Constant>(original.constants);
  const types = new Types(original, constants);
  const taken = new Set(original.nodes.flatMap((node) => [...node.inputs, ...node.outputs]));
  let count = 0;
  const fresh = (hint: string): string => {
    const name = `${hint}~${count++}`;
    return taken.has(name) ? fresh(hint) : name;
  };
  const context = {
    opset: original.opset,
    constant(value: Constant) {
      const name = fresh('constant');
      constants.set(name, value);
      return name;
    },
    fresh,
    rank: (name: string) => types.dims(name)?.length,
    type: (name: string) => types.get(name)?.type,
    dims: (name: string) => types.dims(name),
    integers: (name: string) => types.vector(name)?.map((size) => (typeof size === 'number' ? size : -1)),
    define: (name: string, value: Constant) => void constants.set(name, value),
    number(name: string) {
      const constant = constants.get(name);
      return constant && numbersOf(constant)[0];
    },
  };
  const nodes: Node[] = [];
  const take = (old: Node): void => {
    const values = old.outputs.map((output) => types.known(output)?.value);
    if (values.length > 0 && values.every((value, i) => value || old.outputs[i] === '')) {
      values.forEach((value, i) => value && constants.set(old.outputs[i], value));
      return;
    }
    if (old.attributes.hasGraph) unroll(old, around);
    else upgrade(old, context).forEach(emit);
  };
  /** A node in its newest form. */
  const emit = (node: Node): void => {
    stateCast(node, types);
    infer(types, node);
    const value = fold(node, types);
    if (value) constants.set(node.outputs[0], value);
    else nodes.push(node);
  };
  const around = { types, constants, fresh, take, emit, unrolled: 0 };
  original.nodes.forEach(take);
  const outputs = original.outputs.map(({ name }) => ({
    ...(types.get(name) ?? { type: 'float32' as const }),
    name,
  }));
  const graph = { ...original, opset: Math.max(original.opset, baseOpset), nodes, constants, outputs };
  return {
    graph: {
      ...graph,
      ...prune(
        graph,
        outputs.map(({ name }) => name),
      ),
    },
    types,
  };
}

/** A cast names its type in an attribute. */
function stateCast(node: Node, types: Types): void {
  if (node.op !== 'Cast') return;
  const type = elementType(node.attributes.int('to', 1));
  if (type) types.set(node.outputs[0], { type, dims: types.dims(node.outputs[0]) });
}
