import {
  type Engine,
  type EngineModel,
  GauntletError,
  type ModelOutputs,
  type ModelSource,
  tf,
} from '@gauntlet/api';
import { buildLayers, tfl } from '@gauntlet/engine-tfjs/layers';
import { loadTfjs, type ModelFiles, readModelFiles } from '@gauntlet/engine-tfjs/runtime';
import { steppedOperators } from '@gauntlet/onnx-gradient';
import { NotLowered } from './lower/emitter.js';
import { lowerModel } from './lower/lower-model.js';
import { OnnxModel } from './onnx-model.js';
import type { SessionPlace } from './session.js';

const tolerance = 1e-4;

/**
 * A TensorFlow.js model on ONNX Runtime: lowered to a graph and compared with TensorFlow.js itself on a probe
 * batch. What cannot be lowered runs on TensorFlow.js, and the notes say why.
 */
export async function loadLowered(
  source: ModelSource,
  name: string,
  place: SessionPlace,
  tfjs: Engine,
): Promise<EngineModel> {
  const files = await readModelFiles(source.path);
  const reference = await loadTfjs(files, source, tfjs.name);
  const fallBack = (why: string): EngineModel =>
    Object.assign(reference, { notes: [...reference.notes, `${why}: the model runs on ${tfjs.name}.`] });
  if (files.format === 'graph-model') return fallBack('A GraphModel is not written as ONNX');
  const shape = reference.inputShape.map((size, i) => (size > 0 ? size : (source.imageShape?.[i] ?? -1)));
  if (shape.some((size) => size <= 0)) return fallBack('The size of the input is open');
  try {
    const model = await lower(files, source, reference, shape, { name, place });
    await compare(model, reference, shape, files.path, tfjs.name);
    reference.dispose();
    return model;
  } catch (error) {
    if (!(error instanceof NotLowered)) throw error;
    return fallBack(`ONNX has no counterpart here for ${error.message}`);
  }
}

async function lower(
  files: ModelFiles,
  source: ModelSource,
  reference: EngineModel,
  inputShape: readonly number[],
  { name, place }: { name: string; place: SessionPlace },
): Promise<EngineModel> {
  const model = await buildLayers(files, source.outputName);
  try {
    const leaves = (each: tfl.LayersModel): tfl.layers.Layer[] =>
      each.layers.flatMap((layer) => (layer instanceof tfl.LayersModel ? leaves(layer) : [layer]));
    const features = leaves(model).find((layer) => layer.name === reference.convolution);
    const { hash, flatOrder, softmaxRemoved, sigmoid } = reference;
    const drop = softmaxRemoved ? 'softmax' : sigmoid === 'removed' ? 'sigmoid' : undefined;
    const lowered = await lowerModel(model, { drop, inputShape, features });
    const victim = {
      ...lowered,
      inputShape,
      flatOrder,
      softmaxRemoved,
      sigmoid,
      hash,
      notes: [],
      file: files.path,
      ...(source.straightThrough && { straightThrough: steppedOperators(lowered.graph) }),
    };
    return new OnnxModel(victim, place, name);
  } finally {
    model.dispose();
  }
}

/** Five images through both; a difference means that one of them is wrong, and no verdict should rest on it. */
async function compare(
  model: EngineModel,
  reference: EngineModel,
  shape: readonly number[],
  file: string,
  referenceName: string,
): Promise<void> {
  const x = tf.randomUniform([5, ...shape], 0, 1, 'float32', 1);
  const everything = async (of: EngineModel): Promise<ModelOutputs> => ({
    output: await of.predict(x),
    ...(of.convolution ? await of.features(x) : {}),
  });
  const [found, expected] = [await everything(model), await everything(reference)];
  for (const output of ['output', 'features', 'preactivation'] as const) {
    const difference = await largestDifference(found[output], expected[output]);
    if (!(difference <= tolerance)) {
      throw new GauntletError(
        'engine-disagreement',
        `${model.engine} and ${referenceName} disagree about the ${output} of ${file} by ${difference.toExponential(1)} of its size. Use --engine ${referenceName} and report the model.`,
      );
    }
  }
  const all = [found, expected].flatMap((outputs: ModelOutputs) => Object.values(outputs) as tf.Tensor[]);
  tf.dispose([x, ...all]);
}

/** Relative to the largest number; infinite where one of the two is missing or of another shape. */
async function largestDifference(a: tf.Tensor | undefined, b: tf.Tensor | undefined): Promise<number> {
  if (!a && !b) return 0;
  if (a?.shape.join() !== b?.shape.join()) return Infinity;
  const [left, right] = [(await a!.data()) as Float32Array, (await b!.data()) as Float32Array];
  const size = right.reduce((max, value) => Math.max(max, Math.abs(value)), 1);
  return left.reduce((max, value, i) => Math.max(max, Math.abs(value - right[i])), 0) / size;
}
