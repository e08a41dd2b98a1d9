import { loadGraphModel as load, type GraphModel } from '@tensorflow/tfjs-converter';
import {
  type BareModel,
  didYouMean,
  GauntletError,
  type ModelOutputs,
  type ModelSource,
  reasonOf,
  tf,
} from '@gauntlet/api';
import { assertFiniteWeights } from './model-files.js';
import type { ModelFiles } from './model-json.js';
import { measureBytes, tapeGradient } from './tape.js';
import { findEnd, findFeatureNodes, type GraphNode, unfuseGraph } from './unfuse-graph.js';

/** Loads a tfjs GraphModel as a victim: operations unfused, features found by node, a final softmax left out. */
export async function loadGraphModel(files: ModelFiles, source: ModelSource): Promise<BareModel> {
  const topology = files.topology as { node: GraphNode[] };
  const nodes = unfuseGraph(topology.node);
  let model: GraphModel;
  try {
    model = await load({
      load: async () => ({ ...files.artifacts, modelTopology: { ...topology, node: nodes } }),
    });
  } catch (error) {
    throw new GauntletError('model-unsupported', `${files.path} cannot be loaded: ${reasonOf(error)}`, {
      cause: error,
    });
  }
  await assertFiniteWeights(
    files.path,
    Object.entries(model.weights).flatMap(([name, list]) => list.map((tensor) => [name, tensor] as const)),
  );
  if (model.inputs.length !== 1) {
    throw new GauntletError(
      'model-shape',
      `${files.path} has ${model.inputs.length} inputs; a victim has one.`,
    );
  }
  const [input] = model.inputs;
  const declared = (input.shape ?? []).slice(1);
  const output = scoresOf(nodes, model.outputs[0], source.output);
  const found = findFeatureNodes(nodes, source.features);
  if (source.features !== undefined && !found) {
    const names = nodes.map((node) => node.name);
    throw new GauntletError(
      'features-unknown',
      `${files.path} has no node "${source.features}" to take features from.${didYouMean(source.features, names)}`,
    );
  }

  const run = (x: tf.Tensor, names: string[]): tf.Tensor[] => {
    try {
      const result = model.execute({ [input.name]: x }, names);
      return Array.isArray(result) ? result : [result];
    } catch (error) {
      throw new GauntletError('model-unsupported', `${files.path} cannot be run: ${reasonOf(error)}`, {
        cause: error,
      });
    }
  };
  const forward = (x: tf.Tensor): ModelOutputs => {
    if (!found) return { output: run(x, [output.name])[0] };
    const [result, features, preactivation] = run(x, [output.name, found.features, found.preactivation]);
    return { output: result, features: features as tf.Tensor4D, preactivation: preactivation as tf.Tensor4D };
  };

  return {
    inputShape: declared,
    flatOrder: 'nhwc',
    softmaxRemoved: output.softmaxRemoved,
    sigmoid: output.sigmoid,
    convolution: found?.features,
    hash: files.hash,
    bytesPerSample: declared.every((size) => size > 0)
      ? await measureBytes(() => run(tf.zeros([1, ...declared]), [output.name]))
      : 16 * 2 ** 20,
    predict: async (x) => tf.tidy(() => run(x, [output.name])[0]),
    features: async (x) =>
      tf.tidy(() => {
        const [features, preactivation] = run(x, [found!.features, found!.preactivation]);
        return { features, preactivation } as never;
      }),
    differentiate: async (x, objective) => tapeGradient(x, forward, objective),
    dispose: () => model.dispose(),
  };
}

/** Where scores are read: before a softmax; before a sigmoid only of one number, or where probabilities were asked for. */
function scoresOf(
  nodes: readonly GraphNode[],
  { name, shape }: { name: string; shape?: number[] },
  stated: ModelSource['output'],
): { name: string } & Pick<BareModel, 'softmaxRemoved' | 'sigmoid'> {
  const end = stated === 'raw' ? undefined : findEnd(nodes, name);
  const look = stated !== 'logits';
  if (end?.op === 'Softmax' && look) return { name: end.before, softmaxRemoved: true };
  if (end?.op !== 'Sigmoid') return { name, softmaxRemoved: false };
  const single = shape?.slice(1).every((size) => size === 1) ?? false;
  if (look && (single || stated === 'probabilities'))
    return { name: end.before, softmaxRemoved: false, sigmoid: 'removed' };
  return { name, softmaxRemoved: false, sigmoid: 'last' };
}
