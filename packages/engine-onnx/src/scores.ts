import type { ModelSource } from '@gauntlet/api';
import { type Graph, type Node, normalize, type Value } from '@gauntlet/onnx-gradient';
import type { VictimGraph } from './victim-graph.js';

/** Operations behind a sigmoid that give the same numbers in the same order. */
const reshaping = ['Identity', 'Reshape', 'Flatten', 'Squeeze', 'Unsqueeze'];

/** The value that scores are read from: the output, or what comes before the softmax or sigmoid that it ends in. */
export function scoresOf(
  graph: Graph,
  output: Value,
  stated: ModelSource['output'],
): { scores: string } & Pick<VictimGraph, 'softmaxRemoved' | 'sigmoid'> {
  const asIs = { scores: output.name, softmaxRemoved: false };
  if (stated === 'raw') return asIs;
  const look = stated !== 'logits';
  const softmax = look ? softmaxOf(graph, output) : undefined;
  if (softmax) return { scores: softmax.inputs[0], softmaxRemoved: true };
  const sigmoid = sigmoidOf(graph, output.name);
  if (!sigmoid) return asIs;
  const width = widthOf(graph, output);
  const same =
    width !== undefined && width === widthOf(graph, { ...output, name: sigmoid.outputs[0], dims: undefined });
  if (look && same && (width === 1 || stated === 'probabilities'))
    return { scores: sigmoid.inputs[0], softmaxRemoved: false, sigmoid: 'removed' };
  return { ...asIs, sigmoid: 'last' };
}

/**
 * Of two classes, ONNX Runtime's SVMClassifier gives the label of the first where the decision is positive, and the decision as the
 * score of the second: its scores are those of the other class, unless they are probabilities.
 */
export function isOtherWayRound(graph: Graph, scores: string): boolean {
  const maker = graph.nodes.find((node) => node.outputs.includes(scores));
  if (maker?.op === 'Cast' || maker?.op === 'Identity') return isOtherWayRound(graph, maker.inputs[0]);
  if (maker?.op !== 'SVMClassifier' || maker.outputs[1] !== scores) return false;
  const { attributes } = maker;
  return attributes.ints('vectors_per_class')?.length === 2 && !attributes.has('prob_a');
}

/** The softmax over classes that makes the output, if one does. */
function softmaxOf(graph: Graph, output: Value): Node | undefined {
  const maker = graph.nodes.find((node) => node.outputs.includes(output.name));
  if (maker?.op === 'Identity') return softmaxOf(graph, { ...output, name: maker.inputs[0] });
  const axis = maker?.attributes.int('axis', graph.opset < 13 ? 1 : -1);
  const rank = output.dims?.length ?? 2;
  return maker?.op === 'Softmax' && (axis === -1 || axis === rank - 1) ? maker : undefined;
}

function sigmoidOf(graph: Graph, output: string): Node | undefined {
  const maker = graph.nodes.find((node) => node.outputs.includes(output));
  if (maker && reshaping.includes(maker.op)) return sigmoidOf(graph, maker.inputs[0]);
  return maker?.op === 'Sigmoid' ? maker : undefined;
}

/** Numbers per sample, where the file or the graph tells. */
function widthOf(graph: Graph, { name, dims }: Value): number | undefined {
  const known =
    dims ??
    (graph.nodes.some((node) => node.attributes.hasGraph) ? undefined : normalize(graph).types.dims(name));
  const sizes = known?.slice(1);
  return sizes?.every((size) => typeof size === 'number') ? sizes.reduce((a, b) => a * b, 1) : undefined;
}
