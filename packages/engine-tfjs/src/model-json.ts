import type * as tf from '@tensorflow/tfjs-core';
import { GauntletError, reasonOf } from '@gauntlet/api';

export interface WeightsGroup {
  paths: string[];
  weights: tf.io.WeightsManifestEntry[];
}

export interface ModelJson {
  format?: string;
  modelTopology: Record<string, unknown>;
  weightsManifest: WeightsGroup[];
  signature?: object;
}

/** A model whose files are read. */
export interface ModelFiles {
  format: 'layers-model' | 'graph-model';
  path: string;
  topology: Record<string, unknown>;
  artifacts: tf.io.ModelArtifacts;
  hash: string;
  /** What to do where the model turns out not to be one that can be built. */
  remedy?: string;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A model.json whose parts are what tfjs's own format says, or an error that names the part which is not. */
export function parseModelJson(file: string, text: Buffer): ModelJson {
  let json: unknown;
  try {
    json = JSON.parse(text.toString('utf8'));
  } catch (error) {
    throw new GauntletError('model-format', `${file} is not JSON (${reasonOf(error)}).`);
  }
  if (!isObject(json) || !isObject(json.modelTopology) || !Array.isArray(json.weightsManifest)) {
    throw new GauntletError(
      'model-format',
      `${file} is no TensorFlow.js model: expected "modelTopology" and "weightsManifest". Convert it with tensorflowjs_converter.`,
    );
  }
  json.weightsManifest.forEach((group: unknown, i) => checkGroup(file, group, `weightsManifest[${i}]`));
  return json as unknown as ModelJson;
}

function checkGroup(file: string, group: unknown, where: string): void {
  const wrong = (part: string, expected: string) =>
    new GauntletError(
      'model-format',
      `${file}: ${where}${part} is not ${expected}. Convert the model again with tensorflowjs_converter.`,
    );
  if (!isObject(group)) throw wrong('', 'an object');
  const { paths, weights } = group;
  if (!Array.isArray(paths) || !paths.every((each) => typeof each === 'string'))
    throw wrong('.paths', 'a list of file names');
  if (!Array.isArray(weights)) throw wrong('.weights', 'a list');
  weights.forEach((weight: unknown, i) => {
    const at = `.weights[${i}]`;
    if (!isObject(weight)) throw wrong(at, 'an object');
    if (typeof weight.name !== 'string') throw wrong(`${at}.name`, 'a name');
    const sizes = weight.shape;
    if (!Array.isArray(sizes) || !sizes.every((size) => Number.isSafeInteger(size) && size >= 0))
      throw wrong(`${at}.shape`, 'a list of sizes');
    if (weight.quantization && !isObject(weight.quantization)) throw wrong(`${at}.quantization`, 'an object');
  });
}
