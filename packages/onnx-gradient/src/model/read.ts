import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { create, fromBinary } from '@bufbuild/protobuf';
import { OnnxGradientError } from '../errors.js';
import { Attributes } from './attributes.js';
import type { Constant } from './constant.js';
import { elementNumber, elementType } from './element-types.js';
import { type Dim, type Graph, type Node, sortNodes, type Value } from './graph.js';
import { inlineFunctions } from './inline.js';
import {
  type GraphProto,
  type ModelProto,
  ModelProtoSchema,
  type NodeProto,
  TypeProto_TensorSchema,
  TypeProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from './onnx_pb.js';
import { baseOpset, newestOpset, oldestOpset } from './opsets.js';
import { decodeTensor } from './tensors.js';

const complain = (message: string, cause?: unknown): never => {
  throw new OnnxGradientError('model-format', message, { cause });
};

/** Reads a model with its external data, which has to lie in the model's own folder. */
export function readModel(file: string): Graph {
  const found = statSync(file, { throwIfNoEntry: false });
  if (!found?.isFile())
    return complain(`${file} is ${found ? 'a folder, a pipe or a device, not a file' : 'not there'}.`);
  if (found.size > 2 ** 31 - 1) {
    complain(`${file} is larger than 2 GB, which protobuf does not allow. Export it with external data.`);
  }
  return parseModel(readFileSync(file), { folder: path.dirname(path.resolve(file)) });
}

/**
 * A model's bytes as a graph, functions that it defines inlined. Opsets 9 to 26.
 * @throws OnnxGradientError `model-format` for anything that is not a well-formed model.
 */
export function parseModel(bytes: Uint8Array, { folder }: { folder?: string } = {}): Graph {
  let model: ModelProto;
  try {
    model = fromBinary(ModelProtoSchema, bytes);
  } catch (error) {
    // Of numbers that go on behind the end protobuf says no more than JavaScript does.
    const why = error instanceof RangeError ? 'a number is cut off' : (error as Error).message;
    return complain(
      `This is no ONNX model, or only the beginning of one (${why}). Copy the file again, or export it again.`,
      error,
    );
  }
  const { graph } = model;
  if (!graph || graph.output.length === 0)
    return complain(
      bytes.length === 0
        ? 'The file is empty. Copy it again, or export it again.'
        : 'This is no ONNX model: it has no graph with outputs. Export it again.',
    );
  const domains = new Map(model.opsetImport.map(({ domain, version }) => [domain, Number(version)]));
  // A model of trees alone may use no operator of ONNX's own set, and state no version of it.
  const plain = ({ domain }: NodeProto) => domain === '' || domain === 'ai.onnx';
  const opset = domains.get('') ?? domains.get('ai.onnx') ?? (graph.node.some(plain) ? undefined : baseOpset);
  if (opset === undefined || opset < oldestOpset || opset > newestOpset) {
    return complain(
      `The model has opset ${opset ?? 'none'}; ${oldestOpset} to ${newestOpset} are supported. Export it again, or bring it to 18: onnx.version_converter.convert_version(model, 18).`,
    );
  }
  domains.delete('');
  domains.delete('ai.onnx');
  const other = model.functions.find(({ opsetImport }) =>
    opsetImport.some(({ domain, version }) => domain === '' && Number(version) !== opset && opset < 18),
  );
  if (other)
    return complain(
      `The function ${other.name} is of another opset than the model. Export it with functions inlined.`,
    );
  const node = inlineFunctions(graph.node, model.functions);
  return { producer: model.producerName, ...graphOf({ ...graph, node }, opset, domains, folder) };
}

function graphOf(
  proto: GraphProto,
  opset: number,
  domains: ReadonlyMap<string, number>,
  folder: string | undefined,
): Graph {
  const constants = new Map<string, Constant>();
  const texts = proto.initializer.filter(({ dataType }) => dataType === textType).map(({ name }) => name);
  for (const tensor of proto.initializer)
    if (tensor.dataType !== textType) constants.set(tensor.name, decodeTensor(tensor, folder));
  const nodes = nodesOf(withoutTexts(proto.node, texts), constants);
  // Before IR version 4, initialisers were listed as inputs too.
  const inputs = proto.input.filter((input) => !constants.has(input.name)).map(valueOf);
  const outputs = outputsOf(proto, nodes).map(valueOf);
  const stated = new Map(
    [...proto.valueInfo, ...proto.output].filter(isNumbers).map((info) => [info.name, valueOf(info)]),
  );
  const sorted = sortNodes(nodes, [...inputs.map(({ name }) => name), ...constants.keys()]);
  const made = new Set([
    ...inputs.map(({ name }) => name),
    ...constants.keys(),
    ...sorted.flatMap((node) => node.outputs),
  ]);
  const missing = outputs.find(({ name }) => !made.has(name));
  if (missing) complain(`The output "${missing.name}" is made by nothing in the graph.`);
  return { opset, domains, inputs, outputs, nodes: sorted, constants, stated };
}

/** Nodes as plain data; those that only state a constant become one. */
export function nodesOf(protos: readonly NodeProto[], constants: Map<string, Constant>): Node[] {
  return protos.flatMap((node): Node[] => {
    const attributes = new Attributes(node.attribute);
    if (attributes.all.some((each) => each.refAttrName !== ''))
      complain(`${node.opType} refers to the attribute of a function.`);
    const value = node.opType === 'Constant' && node.domain === '' ? constantNode(attributes) : undefined;
    if (value) {
      constants.set(node.output[0], value);
      return [];
    }
    return [
      {
        op: node.opType,
        name: node.name,
        domain: node.domain === 'ai.onnx' ? '' : node.domain,
        inputs: node.input,
        outputs: node.output,
        attributes,
      },
    ];
  });
}

function constantNode(attributes: Attributes): Constant | undefined {
  if (attributes.has('value')) return attributes.tensor('value');
  // The other forms (value_float, value_ints, …) stay nodes until the graph is normalised.
  return undefined;
}

/**
 * What a classifier of ONNX-ML gives: the probabilities in place of the list of dictionaries that a ZipMap makes of them, and no
 * output that is not a tensor of numbers (labels that are texts), as long as one is left.
 */
function outputsOf({ output }: GraphProto, nodes: readonly Node[]): ValueInfoProto[] {
  const tensors = output.map((info) => {
    const zip = nodes.find(
      ({ op, domain, outputs }) => op === 'ZipMap' && domain === ml && outputs[0] === info.name,
    );
    return zip ? create(ValueInfoProtoSchema, { name: zip.inputs[0], type: floats }) : info;
  });
  const numbers = tensors.filter(isNumbers);
  return numbers.length > 0 ? numbers : tensors;
}

/** TensorProto.STRING */
const textType = 8;

/** Nodes that make nothing of texts: names of classes, which labels are looked up in. */
function withoutTexts(nodes: readonly NodeProto[], texts: readonly string[]): readonly NodeProto[] {
  const made = new Set(texts);
  let left = nodes;
  for (let before = -1; made.size > before;) {
    before = made.size;
    left = left.filter((node) => {
      const uses = node.input.some((name) => made.has(name));
      if (uses) node.output.forEach((name) => made.add(name));
      return !uses;
    });
  }
  return left;
}

const ml = 'ai.onnx.ml';
const floats = create(TypeProtoSchema, {
  value: {
    case: 'tensorType',
    value: create(TypeProto_TensorSchema, { elemType: elementNumber('float32') }),
  },
});

/** A tensor, and not one of texts. */
const isNumbers = ({ type }: ValueInfoProto) =>
  type?.value.case === 'tensorType' && elementType(type.value.value.elemType) !== undefined;

function valueOf(info: ValueInfoProto): Value {
  const tensor = info.type?.value.case === 'tensorType' ? info.type.value.value : undefined;
  const type = tensor && elementType(tensor.elemType);
  if (!type) return complain(`"${info.name}" is not a tensor of a supported type.`);
  const dims = tensor.shape?.dim.map(({ value }, axis): Dim => {
    if (value.case === 'dimValue') {
      if (value.value > 2n ** 40n) complain(`"${info.name}" has the dimension ${value.value}.`);
      // Some exporters write "unknown" as 0 or less.
      return value.value > 0n ? Number(value.value) : `${info.name}.${axis}`;
    }
    return value.case === 'dimParam' && value.value !== '' ? value.value : `${info.name}.${axis}`;
  });
  return { name: info.name, type, dims };
}
