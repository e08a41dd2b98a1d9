import {
  type BareModel,
  didYouMean,
  GauntletError,
  type ModelFeatures,
  type ModelOutputs,
  type ModelSource,
  reasonOf,
  tf,
} from '@gauntlet/api';
import { buildLayers } from './bounded-sizes.js';
import { assertFiniteWeights } from './model-files.js';
import type { ModelFiles } from './model-json.js';
import { measureBytes, tapeGradient, Taps } from './tape.js';
import { tfl } from './tfl.js';
import { inner, replaceActivation, replaceCall, unfuse } from './unfuse-layers.js';

const convolutions = ['Conv2D', 'DepthwiseConv2D', 'SeparableConv2D', 'Conv1D'];
const activations = ['Activation', 'ReLU', 'LeakyReLU', 'PReLU', 'ELU', 'ThresholdedReLU'];

/** Loads a tfjs LayersModel as a victim: weights constant, features tapped, a final softmax taken off. */
export async function loadLayersModel(files: ModelFiles, source: ModelSource): Promise<BareModel> {
  let model: tfl.LayersModel;
  try {
    model = await buildLayers(files, source.outputName);
  } catch (error) {
    if (error instanceof GauntletError) throw error;
    throw new GauntletError(
      'model-unsupported',
      `${files.path} cannot be loaded: ${reasonOf(error)}${files.remedy ? ` ${files.remedy}` : ''}`,
      { cause: error },
    );
  }
  await assertFiniteWeights(
    files.path,
    model.weights.map((weight) => [weight.originalName, weight.read()] as const),
  );
  if (model.inputs.length !== 1) {
    throw new GauntletError(
      'model-shape',
      `${files.path} has ${model.inputs.length} inputs; of a TensorFlow.js model there is one. Convert it to ONNX (tf2onnx), whose other inputs may have values in the spec.`,
    );
  }
  const leaves = leafLayers(model);
  leaves.forEach(unfuse);
  const end = takeOffEnd(model, source.output);
  const taps = new Taps();
  const first = findConvolution(leaves, source.features, files.path);
  if (first) tapFeatures(first, taps);
  const prefix = first ? prefixOf(model, first) : undefined;

  const apply = (net: tfl.LayersModel, x: tf.Tensor) => net.apply(x, { training: false }) as tf.Tensor;
  const shape = model.inputs[0].shape.slice(1).map((size) => size ?? -1);

  /** Runs inside the caller's tidy; the tapped tensors stay on the tape. */
  const forward = (x: tf.Tensor): ModelOutputs => {
    const output = apply(model, x);
    if (!first) return { output };
    return {
      output,
      features: image(taps.peek('features')!),
      preactivation: image(taps.peek('preactivation')!),
    };
  };
  const own = <T extends tf.TensorContainer>(run: () => T): T => {
    try {
      return tf.tidy(run);
    } finally {
      taps.clear();
    }
  };

  return {
    inputShape: shape,
    flatOrder: 'nhwc',
    ...end,
    convolution: first?.name,
    hash: files.hash,
    bytesPerSample: await measureBytes(() => own(() => apply(model, tf.zeros([1, ...shape])))),
    predict: async (x) => own(() => apply(model, x)),
    features: async (x) =>
      own(() => {
        apply(prefix ?? model, x);
        return detachTaps({
          features: image(taps.peek('features')!),
          preactivation: image(taps.peek('preactivation')!),
        }) as never;
      }) as unknown as ModelFeatures,
    differentiate: async (x, objective) => {
      try {
        return tapeGradient(x, forward, objective);
      } finally {
        taps.clear();
      }
    },
    dispose: () => {
      taps.clear();
      model.dispose();
    },
  };
}

/** Tapped tensors are kept alive by the taps; what leaves the engine is the caller's. */
function detachTaps<T extends object>(outputs: T): T {
  return Object.fromEntries(
    Object.entries(outputs).map(([name, tensor]) => [name, tf.clone(tensor as tf.Tensor)]),
  ) as T;
}

/** Features of a one-dimensional convolution are an image of width 1. */
function image(features: tf.Tensor): tf.Tensor4D {
  const [n, h, w, c] = features.shape;
  return features.rank === 3 ? tf.reshape(features, [n, h, 1, w]) : tf.reshape(features, [n, h, w, c]);
}

function leafLayers(model: tfl.LayersModel): tfl.layers.Layer[] {
  return model.layers.flatMap((layer) => (layer instanceof tfl.LayersModel ? leafLayers(layer) : [layer]));
}

function findConvolution(leaves: tfl.layers.Layer[], name: string | undefined, file: string) {
  if (name === undefined) return leaves.find((layer) => convolutions.includes(layer.getClassName()));
  const named = leaves.find((layer) => layer.name === name);
  if (named) return named;
  const names = leaves.map((layer) => layer.name);
  throw new GauntletError(
    'features-unknown',
    `${file} has no layer "${name}" to take features from.${didYouMean(name, names)} Its layers: ${names.join(', ')}.`,
  );
}

function tapFeatures(layer: tfl.layers.Layer, taps: Taps): void {
  const next = layer.outboundNodes.length === 1 ? layer.outboundNodes[0].outboundLayer : undefined;
  const separate = next && activations.includes(next.getClassName()) ? next : undefined;
  const tapOutput = (tapped: tfl.layers.Layer, ...names: string[]) =>
    replaceCall(tapped, (_x, former) => {
      const output = former();
      names.forEach((name) => taps.catch(name, output));
      return output;
    });
  if (separate) {
    tapOutput(layer, 'preactivation');
    tapOutput(separate, 'features');
  } else if (convolutions.includes(layer.getClassName())) {
    replaceActivation(layer, (z, original) => {
      taps.catch('preactivation', z);
      const output = original ? original.apply(z) : z;
      taps.catch('features', output);
      return output;
    });
  } else {
    tapOutput(layer, 'preactivation', 'features');
  }
}

/** The model up to its features, or nothing where the layer sits inside a nested model. */
function prefixOf(model: tfl.LayersModel, layer: tfl.layers.Layer): tfl.LayersModel | undefined {
  if (!model.layers.includes(layer) || layer.inboundNodes.length !== 1) return undefined;
  const next = layer.outboundNodes[0]?.outboundLayer;
  const last =
    next && activations.includes(next.getClassName()) && model.layers.includes(next) ? next : layer;
  return tfl.model({ inputs: model.inputs, outputs: last.output as tfl.SymbolicTensor });
}

/** Takes the softmax off that the model ends in; a sigmoid only from one number, or where probabilities were asked for. */
function takeOffEnd(
  model: tfl.LayersModel,
  stated: ModelSource['output'],
): Pick<BareModel, 'softmaxRemoved' | 'sigmoid'> {
  const { layer, activation, alone } = endOf(model);
  const look = stated === 'auto' || stated === 'probabilities';
  const single = model.outputs[0].shape.slice(1).every((size) => size === 1);
  const off = look && (activation === 'softmax' || single || stated === 'probabilities');
  if (stated === 'raw' || (activation !== 'softmax' && activation !== 'sigmoid'))
    return { softmaxRemoved: false };
  if (off && alone) replaceCall(layer, (x) => tf.clone(x));
  else if (off) replaceActivation(layer, (z) => z);
  if (activation === 'softmax') return { softmaxRemoved: off };
  return { softmaxRemoved: false, sigmoid: off ? 'removed' : 'last' };
}

/** The layer at the end of a model, its activation, and whether it is nothing else. */
function endOf(model: tfl.LayersModel): { layer: tfl.layers.Layer; activation?: string; alone: boolean } {
  const layer = (model.outputs[0] as unknown as { sourceLayer: tfl.layers.Layer }).sourceLayer;
  if (layer instanceof tfl.LayersModel) return endOf(layer);
  const kind = layer.getClassName();
  if (kind === 'Softmax') return { layer, activation: 'softmax', alone: true };
  return { layer, activation: inner(layer).activation?.getClassName(), alone: kind === 'Activation' };
}
