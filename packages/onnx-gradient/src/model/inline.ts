import { create } from '@bufbuild/protobuf';
import { OnnxGradientError } from '../errors.js';
import {
  type AttributeProto,
  AttributeProtoSchema,
  type FunctionProto,
  type GraphProto,
  GraphProtoSchema,
  type NodeProto,
  NodeProtoSchema,
} from './onnx_pb.js';

/** Functions within functions deeper than this are taken for a circle. */
const deepest = 32;

/** The nodes with every call of a function that the file defines replaced by the function's own nodes. */
export function inlineFunctions(
  nodes: readonly NodeProto[],
  functions: readonly FunctionProto[],
  depth = 0,
): NodeProto[] {
  const byName = new Map(functions.map((each) => [`${each.domain}:${each.name}`, each]));
  return nodes.flatMap((node, i) => {
    const inner = byName.get(`${node.domain}:${node.opType}`);
    if (!inner) return [node];
    if (depth > deepest)
      throw new OnnxGradientError('model-format', `The function ${node.opType} calls itself.`);
    const given = new Map([...inner.attributeProto, ...node.attribute].map((each) => [each.name, each]));
    const prefix = `${node.name || node.opType}/${depth}.${i}/`;
    const names = new Map<string, string>();
    inner.input.forEach((name, k) => names.set(name, node.input[k] ?? ''));
    inner.output.forEach((name, k) => names.set(name, node.output[k] || `${prefix}${name}`));
    const renamed = inner.node.map((each) => rename(each, names, prefix, given));
    return inlineFunctions(renamed, functions, depth + 1);
  });
}

/**
 * The nodes of a graph inside a node, its values renamed so that they meet no others.
 * @param inputs what its inputs are in the graph around
 */
export function branchNodes(
  graph: GraphProto,
  outputs: readonly string[],
  prefix: string,
  inputs: readonly string[] = [],
): GraphProto {
  const names = new Map(graph.input.map(({ name }, k) => [name, inputs[k] ?? '']));
  // An output that is a value from outside, or given twice, needs a node of its own.
  const made = new Set(
    graph.node.flatMap((node) => node.output).concat(graph.initializer.map((t) => t.name)),
  );
  const copies: NodeProto[] = [];
  graph.output.forEach(({ name }, k) => {
    if (made.has(name) && !names.has(name)) names.set(name, outputs[k]);
    else copies.push(create(NodeProtoSchema, { opType: 'Identity', input: [name], output: [outputs[k]] }));
  });
  const local = (name: string) => {
    if (!names.has(name)) names.set(name, `${prefix}${name}`);
    return names.get(name)!;
  };
  made.forEach((name) => name !== '' && local(name));
  const node = [...graph.node, ...copies].map((each) => rename(each, names, prefix, new Map(), false));
  const initializer = graph.initializer.map((tensor) => ({ ...tensor, name: local(tensor.name) }));
  return create(GraphProtoSchema, { node, initializer });
}

/** `all`: names that are not in the map are the function's own; otherwise they are those of the graph around. */
function rename(
  node: NodeProto,
  names: Map<string, string>,
  prefix: string,
  given: ReadonlyMap<string, AttributeProto>,
  all = true,
): NodeProto {
  const local = (name: string): string => {
    if (name === '') return name;
    const found = names.get(name);
    if (found !== undefined || !all) return found ?? name;
    names.set(name, `${prefix}${name}`);
    return names.get(name)!;
  };
  return create(NodeProtoSchema, {
    ...node,
    name: `${prefix}${node.name || node.opType}`,
    input: node.input.map(local),
    output: node.output.map(local),
    attribute: node.attribute.flatMap((each) => {
      if (each.refAttrName !== '') {
        const value = given.get(each.refAttrName);
        return value ? [create(AttributeProtoSchema, { ...value, name: each.name })] : [];
      }
      if (!each.g) return [each];
      return [create(AttributeProtoSchema, { ...each, g: inGraph(each.g, names, prefix, given, all) })];
    }),
  });
}

/** A graph within: what it makes itself keeps its name, what it takes from around is renamed. */
function inGraph(
  graph: GraphProto,
  names: ReadonlyMap<string, string>,
  prefix: string,
  given: ReadonlyMap<string, AttributeProto>,
  all: boolean,
): GraphProto {
  const seen = new Map(names);
  const own = [
    ...graph.input.map(({ name }) => name),
    ...graph.initializer.map(({ name }) => name),
    ...graph.node.flatMap((node) => node.output),
  ];
  own.forEach((name) => seen.set(name, name));
  const node = graph.node.map((each) => ({ ...rename(each, seen, prefix, given, all), name: each.name }));
  return create(GraphProtoSchema, { ...graph, node });
}
