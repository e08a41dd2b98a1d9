import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { elementNumber } from './element-types.js';
import type { Dim, Graph, Value } from './graph.js';
import { type GraphProto, GraphProtoSchema, type ValueInfoProtoSchema } from './onnx_pb.js';
import { encodeTensor } from './tensors.js';

/** A graph within an attribute, its constants included: names of values around it may be used in it. */
export const graphProto = (graph: Graph): GraphProto =>
  create(GraphProtoSchema, {
    ...bodyOf(graph),
    initializer: [...graph.constants].map(([name, constant]) => encodeTensor(name, constant)),
  });

/** All of a graph but its constants. */
export const bodyOf = (graph: Graph) => ({
  name: 'graph',
  node: graph.nodes.map((node) => ({
    input: [...node.inputs],
    output: [...node.outputs],
    name: node.name,
    opType: node.op,
    domain: node.domain,
    attribute: [...node.attributes.all],
  })),
  input: graph.inputs.map(valueInfo),
  output: graph.outputs.map(valueInfo),
});

export function valueInfo({ name, type, dims }: Value): MessageInitShape<typeof ValueInfoProtoSchema> {
  const dim = (size: Dim) => ({
    value:
      typeof size === 'number'
        ? { case: 'dimValue' as const, value: BigInt(size) }
        : { case: 'dimParam' as const, value: size },
  });
  const shape = dims && { dim: dims.map(dim) };
  return {
    name,
    type: { value: { case: 'tensorType', value: { elemType: elementNumber(type), shape } } },
  };
}
