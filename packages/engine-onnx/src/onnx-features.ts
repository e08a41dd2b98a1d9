import { didYouMean, GauntletError, type ModelSource } from '@gauntlet/api';
import { Attributes, type Graph, type Node, normalize } from '@gauntlet/onnx-gradient';
import { names } from './names.js';

const activations = [
  'Relu',
  'LeakyRelu',
  'PRelu',
  'Elu',
  'Selu',
  'Celu',
  'Gelu',
  'Sigmoid',
  'HardSigmoid',
  'HardSwish',
  'Mish',
  'Softplus',
  'Softsign',
  'Tanh',
  'Clip',
];

type Emit = (op: string, inputs: string[], made: string, attributes?: Attributes) => string;

export interface Tapped {
  /** The node that features come from. */
  name: string;
  write(emit: Emit): void;
}

/** The first convolution that sees the input (or the node the user names), and its activation. */
export function findFeatures(
  graph: Graph,
  input: string,
  source: ModelSource,
  file: string,
): Tapped | undefined {
  const node =
    source.features === undefined ? firstConvolution(graph, input) : named(graph, source.features, file);
  if (!node || graph.nodes.some((each) => each.attributes.hasGraph)) return undefined;
  const before = node.outputs[0];
  const users = graph.nodes.filter((each) => each.inputs.includes(before));
  const activation = users.length === 1 && activations.includes(users[0].op) ? users[0] : undefined;
  const after = activation ? activation.outputs[0] : before;
  const known = normalize({ ...graph, outputs: [{ name: before, type: 'float32' }] }).types.get(before);
  const rank = known?.dims?.length;
  if (rank !== 3 && rank !== 4) {
    if (source.features === undefined) return undefined;
    throw new GauntletError(
      'features-unknown',
      `"${source.features}" of ${file} gives ${rank === undefined ? 'a tensor of unknown rank' : `${rank - 1} axes per image`}; features are an image: [channels, height, width].`,
    );
  }
  return {
    name: node.name || before,
    write(emit) {
      for (const [value, to] of [
        [after, names.features],
        [before, names.preactivation],
      ]) {
        const real = known?.type === 'float32';
        const from = real ? value : emit('Cast', [value], `${to}.float`, Attributes.of({ to: 1 }));
        if (rank === 4) emit('Transpose', [from], to, Attributes.of({ perm: [0, 2, 3, 1] }));
        else {
          // [n, c, l] → [n, l, 1, c]: [n, c, l, 1] first.
          const flat = emit('Transpose', [from], `${to}.last`, Attributes.of({ perm: [0, 2, 1] }));
          emit('Unsqueeze', [flat, axisName], to);
        }
      }
    },
  };
}

/** The constant [2], which a graph with one-dimensional features needs. */
export const axisName = 'victim:axis';

function firstConvolution(graph: Graph, input: string): Node | undefined {
  const reached = new Set([input]);
  return graph.nodes.find((node) => {
    if (!node.inputs.some((name) => reached.has(name))) return false;
    node.outputs.forEach((name) => reached.add(name));
    return node.op === 'Conv' && node.domain === '';
  });
}

function named(graph: Graph, wanted: string, file: string): Node {
  const found = graph.nodes.find((node) => node.name === wanted || node.outputs.includes(wanted));
  if (found) return found;
  const known = graph.nodes.map((node) => node.name || node.outputs[0]);
  throw new GauntletError(
    'features-unknown',
    `${file} has no node or value "${wanted}" to take features from.${didYouMean(wanted, known)} Its nodes: ${known.slice(0, 40).join(', ')}${known.length > 40 ? ', …' : ''}.`,
  );
}
