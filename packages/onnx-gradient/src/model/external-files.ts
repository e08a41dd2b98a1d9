import { readFileSync } from 'node:fs';
import { fromBinary } from '@bufbuild/protobuf';
import { type GraphProto, ModelProtoSchema, type TensorProto } from './onnx_pb.js';

/** Files that hold weights of a model beside its own file, as the model names them: relative to its folder. */
export function externalFiles(file: string): string[] {
  const { graph } = fromBinary(ModelProtoSchema, readFileSync(file));
  const locations = tensorsOf(graph).flatMap(({ externalData }) =>
    externalData.filter(({ key }) => key === 'location').map(({ value }) => value),
  );
  return [...new Set(locations)];
}

/** Of a graph and of those within its nodes. */
function tensorsOf(graph: GraphProto | undefined): TensorProto[] {
  if (!graph) return [];
  const within = graph.node
    .flatMap(({ attribute }) => attribute)
    .flatMap(({ t, g }) => [...(t ? [t] : []), ...tensorsOf(g)]);
  return [...graph.initializer, ...within];
}
