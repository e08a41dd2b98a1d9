import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { GauntletError, type ModelSource, reasonOf } from '@gauntlet/api';
import {
  Attributes,
  type Constant,
  constantFrom,
  type Dim,
  type Graph,
  type Node,
  normalize,
  numbersOf,
  OnnxGradientError,
  prune,
  readModel,
  steppedOperators,
  type Value,
} from '@gauntlet/onnx-gradient';
import { withConstants } from './constant-inputs.js';
import { inputLayout } from './input-layout.js';
import { oneHotOf } from './labels-as-scores.js';
import { names } from './names.js';
import { axisName, findFeatures } from './onnx-features.js';
import { pickValues } from './pick-values.js';
import { isOtherWayRound, scoresOf } from './scores.js';
import type { VictimGraph } from './victim-graph.js';
import { withRealInput } from './whole-inputs.js';

/** ONNX Runtime's time to open a graph grows with the square of its nodes; large networks have two thousand. */
const mostNodes = 5000;

/** A file as it was read, with what identifies it. */
export interface OnnxFile {
  graph: Graph;
  hash: string;
  input: Value;
  output: Value;
}

/** Reads an `.onnx` file as a victim: channels last, logits, features tapped. */
export const readOnnxVictim = (source: ModelSource): VictimGraph => {
  const file = readOnnxFile(source);
  return naming(source.path, () => victimOf(file, file.graph, source));
};

/** @throws GauntletError that names the file, whatever is wrong with it */
export function readOnnxFile(source: ModelSource): OnnxFile {
  const file = source.path;
  if (!existsSync(file)) throw new GauntletError('model-missing', `There is no model at ${file}.`);
  return naming(file, () => {
    const graph = withoutOurNames(readModel(file));
    if (graph.nodes.length > mostNodes) {
      throw new GauntletError(
        'model-unsupported',
        `${file} has ${graph.nodes.length} operations; up to ${mostNodes} can be differentiated in reasonable time. Simplify the graph (onnxsim does that).`,
      );
    }
    const hash = hashOf(graph, file);
    const { input, output } = pickValues(graph, source);
    const alone = { ...graph, outputs: [output], ...prune(graph, [output.name]) };
    return { graph: withConstants(alone, input, source.inputs ?? {}, file), hash, input, output };
  });
}

/** Errors of the graph's own become ours, with the name of the file. */
export function naming<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof GauntletError) throw error;
    const code = error instanceof OnnxGradientError ? error.code : 'model-format';
    throw new GauntletError(code, `${file}: ${reasonOf(error)}`, { cause: error });
  }
}

/** @param free The file's graph, or one that computes the same. */
export function victimOf(file: OnnxFile, free: Graph, source: ModelSource): VictimGraph {
  const victim = builtAround(file, free, source);
  const { input } = file;
  if (source.labels !== undefined)
    return {
      ...victim,
      noGradient: 'It gives labels alone, which have no gradient. Attack it with hop-skip-jump.',
    };
  if (!isWhole(input)) return victim;
  const real: Value = { ...input, type: 'float32' };
  const between = withRealInput({ ...free, inputs: [real] }, real);
  if (!between)
    return {
      ...victim,
      noGradient: `It computes with the whole numbers of its input "${input.name}", which have no gradient. Attack it with square or hop-skip-jump.`,
    };
  const note = `The model takes whole numbers (${input.type}): images are rounded for it, and gradients are those of the casts taken out.`;
  return {
    ...victim,
    between: builtAround({ ...file, input: real }, between, source).graph,
    notes: [...victim.notes, note],
  };
}

/** The graph between an input and outputs of the engine's own names. */
function builtAround(
  { graph: original, hash, input, output }: OnnxFile,
  free: Graph,
  source: ModelSource,
): VictimGraph {
  const file = source.path;
  const layout = inputLayout({ ...free, producer: original.producer }, input, source.imageShape);
  const nodes: Node[] = [];
  const emit = (op: string, inputs: string[], made: string, attributes = Attributes.of({})) => {
    nodes.push({ op, name: made, domain: '', inputs, outputs: [made], attributes });
    return made;
  };
  const toFirst = Attributes.of({ perm: [0, 3, 1, 2] });
  const toLast = Attributes.of({ perm: [0, 2, 3, 1] });
  const ordered = layout.channelsFirst ? emit('Transpose', [names.x], 'victim:x.first', toFirst) : names.x;
  const whole = isWhole(input) ? emit('Round', [ordered], 'victim:x.whole') : ordered;
  emit(input.type === 'float32' ? 'Identity' : 'Cast', [whole], input.name, castTo(input));

  const before = nodes.splice(0);
  const { scores, softmaxRemoved, sigmoid } = scoresOf(free, output, source.output);
  const constants = new Map([...free.constants, [axisName, constantFrom('int64', [1], [2])]]);
  const { labels } = source;
  const turned = labels === undefined && isOtherWayRound(free, scores);
  if (turned) constants.set('victim:turned.order', constantFrom('int64', [2], [1, 0]));
  const inOrder = turned
    ? emit('Gather', [scores, 'victim:turned.order'], 'victim:turned', Attributes.of({ axis: -1 }))
    : scores;
  const float =
    labels !== undefined
      ? oneHotOf(scores, labels, emit, constants)
      : output.type === 'float32'
        ? inOrder
        : emit('Cast', [inOrder], 'victim:output.float', Attributes.of({ to: 1 }));
  const image = layout.channelsFirst && source.output === 'raw' && rankOf(free, output) === 4;
  emit(image ? 'Transpose' : 'Identity', [float], names.output, image ? toLast : undefined);
  const tapped = findFeatures(free, input.name, source, file);
  if (tapped) tapped.write(emit);

  const { inputShape, flatOrder } = layout;
  const free0: Dim[] = ['batch', ...inputShape.map((size, i) => (size < 0 ? `size${i}` : size))];
  const graph: Graph = {
    ...free,
    inputs: [{ name: names.x, type: 'float32', dims: free0 }],
    outputs: [names.output, ...(tapped ? [names.features, names.preactivation] : [])].map((name) => ({
      name,
      type: 'float32',
    })),
    nodes: [...before, ...free.nodes, ...nodes],
    constants,
  };
  return {
    graph,
    inputShape,
    flatOrder,
    softmaxRemoved,
    sigmoid,
    convolution: tapped?.name,
    hash,
    notes: turned ? [turnedNote] : [],
    file,
    ...(source.straightThrough && { straightThrough: steppedOperators(free) }),
  };
}

const turnedNote =
  'The file has the scores of its two classes the other way round, as ONNX Runtime gives those of an SVMClassifier: they are turned, as its labels are.';

/** A file may have been written by this very engine: its values then get out of the way of ours. */
function withoutOurNames(graph: Graph): Graph {
  const free = (name: string) => (name.startsWith('victim:') ? `file:${name}` : name);
  const value = (each: Value) => ({ ...each, name: free(each.name) });
  const keys = <T>(map: ReadonlyMap<string, T>) =>
    new Map([...map].map(([name, each]) => [free(name), each]));
  return {
    ...graph,
    inputs: graph.inputs.map(value),
    outputs: graph.outputs.map(value),
    nodes: graph.nodes.map((node) => ({
      ...node,
      name: free(node.name),
      inputs: node.inputs.map(free),
      outputs: node.outputs.map(free),
    })),
    constants: keys(graph.constants),
    stated: keys(graph.stated),
  };
}

function rankOf(graph: Graph, { name, dims }: Value): number | undefined {
  return dims?.length ?? normalize(graph).types.dims(name)?.length;
}

const elementNumbers: Record<string, number> = {
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  float16: 10,
  float64: 11,
  uint32: 12,
  uint64: 13,
  bfloat16: 16,
};
const isWhole = ({ type }: Value) => !/^b?float/.test(type);
const castTo = ({ type }: Value) => Attributes.of(type === 'float32' ? {} : { to: elementNumbers[type] });

/** Numbers outside the file count too, and none of them may be NaN. */
function hashOf(graph: Graph, file: string): string {
  const hash = createHash('sha256');
  const shown = graph.nodes.map(({ op, inputs, outputs, attributes }) => [
    op,
    inputs,
    outputs,
    attributes.all,
  ]);
  hash.update(
    JSON.stringify([graph.opset, shown], (_, value: unknown) =>
      typeof value === 'bigint' ? String(value) : value,
    ),
  );
  // The order of a flat input, and with it the function of an image, follows from who wrote the file.
  if (graph.inputs[0]?.dims?.length === 2) hash.update(graph.producer ?? '');
  for (const [name, constant] of graph.constants) {
    hash.update(name).update(constant.type).update(constant.dims.join()).update(constant.bytes());
    assertFinite(file, name, constant);
  }
  return hash.digest('hex');
}

function assertFinite(file: string, name: string, constant: Constant): void {
  if (!/float/.test(constant.type)) return;
  const values = numbersOf(constant);
  for (let i = 0; i < values.length; i++) {
    if (!Number.isNaN(values[i])) continue;
    throw new GauntletError(
      'model-weights',
      `The weight "${name}" of ${file} is NaN at position ${i}. Train or export the model again.`,
    );
  }
}
