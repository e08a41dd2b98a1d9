import { writeFileSync, openSync, closeSync, writeSync } from 'node:fs';
import path from 'node:path';
import { create, toBinary } from '@bufbuild/protobuf';
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { type Constant, sizeOf } from './constant.js';
import { elementNumber, elementSize } from './element-types.js';
import type { Graph } from './graph.js';
import { bodyOf, valueInfo } from './graph-proto.js';
import {
  GraphProtoSchema,
  TensorProto_DataLocation as Location,
  ModelProtoSchema,
  type TensorProto,
  TensorProtoSchema,
} from './onnx_pb.js';
import { encodeTensor } from './tensors.js';

/** Protobuf messages end at 2 GB; beyond this, weights go to a file of their own. */
const inlineLimit = 1.9e9;

const byteLength = ({ type, dims }: Constant) => sizeOf(dims) * elementSize(type);

/** The model as bytes. A model whose weights exceed 1.9 GB has to be written with `writeModel`. */
export function serializeModel(graph: Graph): Uint8Array {
  const total = [...graph.constants.values()].reduce((sum, each) => sum + byteLength(each), 0);
  if (total > inlineLimit) throw new RangeError('The weights exceed 2 GB; use writeModel(graph, file).');
  return encode(
    graph,
    [...graph.constants].map(([name, constant]) => encodeTensor(name, constant)),
  );
}

/** The model with other outputs, any of its values, whose types the runtime finds out. Weights up to 1.9 GB. */
export function encodeOutputs(graph: Graph, names: readonly string[]): Uint8Array {
  const initializers = [...graph.constants].map(([name, constant]) => encodeTensor(name, constant));
  return encode({ ...graph, outputs: [] }, initializers, names);
}

/** Writes the model; weights that do not fit in one message go to `<file>.data` beside it. */
export function writeModel(graph: Graph, file: string, { inline = inlineLimit } = {}): void {
  const total = [...graph.constants.values()].reduce((sum, each) => sum + byteLength(each), 0);
  if (total <= inline) return writeFileSync(file, serializeModel(graph));
  const location = `${path.basename(file)}.data`;
  const descriptor = openSync(`${file}.data`, 'w');
  let offset = 0;
  const tensors: TensorProto[] = [];
  try {
    for (const [name, constant] of graph.constants) {
      // Small ones stay: shapes have to be read to load the graph.
      if (byteLength(constant) < 1024) {
        tensors.push(encodeTensor(name, constant));
        continue;
      }
      const bytes = constant.bytes();
      for (let done = 0; done < bytes.length;)
        done += writeSync(descriptor, bytes, done, Math.min(bytes.length - done, 2 ** 30), offset + done);
      tensors.push(
        create(TensorProtoSchema, {
          name,
          dataType: elementNumber(constant.type),
          dims: constant.dims.map(BigInt),
          dataLocation: Location.EXTERNAL,
          externalData: Object.entries({ location, offset, length: bytes.length }).map(([key, value]) => ({
            key,
            value: String(value),
          })),
        }),
      );
      offset += bytes.length;
    }
  } finally {
    closeSync(descriptor);
  }
  writeFileSync(file, encode(graph, tensors));
}

/** Weights are copied once: in a message within a message they would be copied with each of those around them. */
function encode(graph: Graph, tensors: TensorProto[], untyped: readonly string[] = []): Uint8Array {
  const model = create(ModelProtoSchema, {
    irVersion: graph.opset >= 21 ? 10n : graph.opset >= 19 ? 9n : 8n,
    producerName: graph.producer ?? 'gauntlet-onnx-gradient',
    opsetImport: [['', graph.opset] as const, ...graph.domains].map(([domain, version]) => ({
      domain,
      version: BigInt(version),
    })),
  });
  const body = create(GraphProtoSchema, {
    ...bodyOf(graph),
    output: [...graph.outputs.map(valueInfo), ...untyped.map((name) => ({ name }))],
  });
  const whole = [
    toBinary(GraphProtoSchema, body),
    ...tensors.flatMap((tensor) => field(GraphProtoSchema.field.initializer.number, tensorParts(tensor))),
  ];
  return Buffer.concat([
    toBinary(ModelProtoSchema, model),
    ...field(ModelProtoSchema.field.graph.number, whole),
  ]);
}

/** Without bytes of its own a tensor may have those of another file, and says nothing of any. */
function tensorParts(tensor: TensorProto): Uint8Array[] {
  const { rawData } = tensor;
  const rest = toBinary(TensorProtoSchema, { ...tensor, rawData: new Uint8Array() });
  return rawData.length === 0 ? [rest] : [rest, ...field(TensorProtoSchema.field.rawData.number, [rawData])];
}

/** A field of bytes or of a message, given in parts. */
function field(number: number, parts: readonly Uint8Array[]): Uint8Array[] {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const head = new BinaryWriter().tag(number, WireType.LengthDelimited).uint32(length);
  return [head.finish(), ...parts];
}
