// What converters of scikit-learn, XGBoost and LightGBM write by default.
import { create, toBinary } from '@bufbuild/protobuf';
import { expect, it } from 'vitest';
import { GraphProtoSchema, ModelProtoSchema, NodeProtoSchema, type ValueInfoProto } from './onnx_pb.js';
import { parseModel } from './read.js';

const ml = 'ai.onnx.ml';
const node = (opType: string, input: string[], output: string[], domain = ml) =>
  create(NodeProtoSchema, { opType, input, output, domain });
const typed = (name: string, elemType?: number) => ({
  name,
  type:
    elemType === undefined
      ? // As a list of dictionaries is read.
        { value: { case: undefined } }
      : { value: { case: 'tensorType', value: { elemType } } },
});
const text = 8;

interface Content {
  nodes: ReturnType<typeof node>[];
  outputs: ReturnType<typeof typed>[];
  initializer?: { name: string; dataType: number }[];
  domains?: string[];
}
const parsed = ({ nodes, outputs, initializer = [], domains = [ml, ''] }: Content) =>
  parseModel(
    toBinary(
      ModelProtoSchema,
      create(ModelProtoSchema, {
        opsetImport: domains.map((domain) => ({ domain, version: domain === ml ? 1n : 13n })),
        graph: create(GraphProtoSchema, {
          node: nodes,
          input: [typed('x', 1)] as ValueInfoProto[],
          output: outputs as ValueInfoProto[],
          initializer,
        }),
      }),
    ),
  );
const classifier = node('LinearClassifier', ['x'], ['label', 'scores']);

it('a ZipMap gives way to the probabilities that it takes', () => {
  const { outputs } = parsed({
    nodes: [
      classifier,
      node('Normalizer', ['scores'], ['shares']),
      node('ZipMap', ['shares'], ['dictionaries']),
    ],
    outputs: [typed('label', 7), typed('dictionaries')],
  });
  expect(outputs.map(({ name, type }) => [name, type])).toEqual([
    ['label', 'int64'],
    ['shares', 'float32'],
  ]);
});

it('labels that are texts are left out, with what is made of them', () => {
  const { outputs, nodes } = parsed({
    nodes: [
      classifier,
      node('ArrayFeatureExtractor', ['names', 'label'], ['name']),
      node('Reshape', ['name', 'shape'], ['named'], ''),
    ],
    initializer: [{ name: 'names', dataType: text }],
    outputs: [typed('named', text), typed('scores', 1)],
  });
  expect(outputs.map(({ name }) => name)).toEqual(['scores']);
  expect(nodes.map(({ op }) => op)).toEqual(['LinearClassifier']);
});

it('a model of texts alone is refused by the name of its output', () => {
  expect(() => parsed({ nodes: [classifier], outputs: [typed('label', text)] })).toThrow(
    /"label" is not a tensor of a supported type/,
  );
});

it('operators of ONNX-ML alone need no version of any others', () => {
  const outputs = [typed('label', 7), typed('scores', 1)];
  expect(parsed({ nodes: [classifier], outputs, domains: [ml] }).opset).toBe(18);
  const other = node('Identity', ['scores'], ['same'], '');
  expect(() => parsed({ nodes: [classifier, other], outputs, domains: [ml] })).toThrow(/opset none/);
});
