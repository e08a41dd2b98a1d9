import {
  Attributes,
  constantFrom,
  type Graph,
  type Node,
  numbersOf,
  serializeModel,
} from '@gauntlet/onnx-gradient';
import * as ort from 'onnxruntime-node';

type Range = readonly [low: number, high: number];

const layers = ['Conv', 'Gemm', 'MatMul', 'Relu', 'MaxPool'];

/** Smallest and largest number of each value, over a sample of inputs [n, …]. */
async function rangesOf(
  graph: Graph,
  values: readonly string[],
  sample: ort.Tensor,
): Promise<Map<string, Range>> {
  const outputs = values.map((name) => ({ name, type: 'float32' as const }));
  const session = await ort.InferenceSession.create(serializeModel({ ...graph, outputs }));
  const found = await session.run({ [graph.inputs[0].name]: sample });
  await session.release();
  return new Map(
    values.map((name) => {
      const numbers = found[name].data as Float32Array;
      // 0 has to be a level.
      return [
        name,
        [numbers.reduce((a, b) => Math.min(a, b), 0), numbers.reduce((a, b) => Math.max(a, b), 0)],
      ];
    }),
  );
}

/**
 * A graph quantised to eight bits after training, as ONNX Runtime's `quantize_static` writes it: every activation and every
 * weight goes through QuantizeLinear and DequantizeLinear (QDQ), with the ranges that a sample shows.
 */
export async function quantised(graph: Graph, sample: ort.Tensor): Promise<Graph> {
  const [input] = graph.inputs;
  const last = graph.outputs[0].name;
  const made = graph.nodes.filter(({ op }) => layers.includes(op)).map(({ outputs }) => outputs[0]);
  const values = [input.name, ...made.filter((name) => name !== last)];
  const ranges = await rangesOf(graph, values, sample);
  const constants = new Map(graph.constants);
  const node = (op: string, inputs: string[], output: string): Node => ({
    op,
    name: output,
    domain: '',
    inputs,
    outputs: [output],
    attributes: Attributes.of({}),
  });
  /** Scale and zero point of eight bits without a sign. */
  const levels = (name: string, [low, high]: Range): [string, string] => {
    const scale = (high - low) / 255 || 1;
    constants.set(`${name}:scale`, constantFrom('float32', [], [scale]));
    constants.set(`${name}:zero`, constantFrom('uint8', [], [Math.round(-low / scale)]));
    return [`${name}:scale`, `${name}:zero`];
  };
  const quantise = (name: string): Node[] => {
    const place = levels(name, ranges.get(name)!);
    return [
      node('QuantizeLinear', [name, ...place], `${name}:q`),
      node('DequantizeLinear', [`${name}:q`, ...place], `${name}:dq`),
    ];
  };
  const weight = (name: string): Node[] => {
    const numbers = Array.from(numbersOf(graph.constants.get(name)!));
    const scale = numbers.reduce((most, one) => Math.max(most, Math.abs(one)), 0) / 127;
    const { dims } = graph.constants.get(name)!;
    constants.set(
      `${name}:q`,
      constantFrom(
        'int8',
        dims,
        numbers.map((one) => Math.round(one / scale)),
      ),
    );
    constants.set(`${name}:scale`, constantFrom('float32', [], [scale]));
    constants.set(`${name}:zero`, constantFrom('int8', [], [0]));
    return [node('DequantizeLinear', [`${name}:q`, `${name}:scale`, `${name}:zero`], `${name}:dq`)];
  };
  const weights = new Set(
    graph.nodes
      .filter(({ op }) => ['Conv', 'Gemm', 'MatMul'].includes(op))
      .map(({ inputs }) => inputs[1])
      .filter((name) => graph.constants.has(name)),
  );
  const replaced = new Set([...values, ...weights]);
  const nodes = [
    ...[...weights].flatMap(weight),
    ...quantise(input.name),
    ...graph.nodes.flatMap((each) => [
      { ...each, inputs: each.inputs.map((name) => (replaced.has(name) ? `${name}:dq` : name)) },
      ...each.outputs.filter((name) => replaced.has(name)).flatMap(quantise),
    ]),
  ];
  return { ...graph, nodes, constants };
}
