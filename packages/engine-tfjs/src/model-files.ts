import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import type * as tf from '@tensorflow/tfjs-core';
import { GauntletError, reasonOf } from '@gauntlet/api';

export interface ModelFiles {
  format: 'layers-model' | 'graph-model';
  path: string;
  topology: Record<string, unknown>;
  artifacts: tf.io.ModelArtifacts;
  hash: string;
}

interface ModelJson {
  format?: string;
  modelTopology?: Record<string, unknown>;
  weightsManifest?: { paths: string[]; weights: tf.io.WeightsManifestEntry[] }[];
  signature?: object;
}

/** Reads a tfjs model folder completely, or says which file is wrong and how. */
export async function readModelFiles(given: string): Promise<ModelFiles> {
  const file = await jsonPath(given);
  const text = await read(file);
  let json: ModelJson;
  try {
    json = JSON.parse(text.toString('utf8')) as ModelJson;
  } catch (error) {
    throw new GauntletError('model-format', `${file} is not JSON (${reasonOf(error)}).`);
  }
  if (typeof json.modelTopology !== 'object' || !Array.isArray(json.weightsManifest)) {
    throw new GauntletError(
      'model-format',
      `${file} is no TensorFlow.js model: expected "modelTopology" and "weightsManifest". Convert it with tensorflowjs_converter.`,
    );
  }
  const hash = createHash('sha256').update(text);
  const buffers: Buffer[] = [];
  for (const group of json.weightsManifest) {
    const parts = await Promise.all(group.paths.map((part) => read(insideFolder(file, part))));
    const bytes = Buffer.concat(parts);
    const expected = group.weights.reduce((sum, weight) => sum + byteLength(weight), 0);
    if (bytes.length !== expected) {
      throw new GauntletError(
        'model-weights',
        `${group.paths.join(', ')} beside ${file}: expected ${expected} bytes of weights, found ${bytes.length}.`,
      );
    }
    hash.update(bytes);
    buffers.push(bytes);
  }
  const weights = Buffer.concat(buffers);
  return {
    format: isGraph(json) ? 'graph-model' : 'layers-model',
    path: file,
    topology: json.modelTopology,
    hash: hash.digest('hex'),
    artifacts: {
      ...json,
      weightSpecs: json.weightsManifest.flatMap((group) => group.weights),
      weightData: weights.buffer.slice(
        weights.byteOffset,
        weights.byteOffset + weights.length,
      ) as ArrayBuffer,
    },
  };
}

function isGraph(json: ModelJson): boolean {
  return json.format === 'graph-model' || Array.isArray(json.modelTopology?.node);
}

async function jsonPath(given: string): Promise<string> {
  const found = await stat(given).catch(() => undefined);
  if (!found) throw new GauntletError('model-missing', `There is no model at ${given}.`);
  return found.isDirectory() ? path.join(given, 'model.json') : given;
}

async function read(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    throw new GauntletError('model-missing', `The model file ${file} cannot be read (${reasonOf(error)}).`);
  }
}

/** Model files come from other people: their weights may not name files elsewhere on the machine. */
function insideFolder(file: string, part: string): string {
  const folder = path.dirname(path.resolve(file));
  const resolved = path.resolve(folder, part);
  if (path.isAbsolute(part) || part.includes('://') || path.relative(folder, resolved).startsWith('..')) {
    throw new GauntletError(
      'model-path',
      `${file} names weights outside its own folder: "${part}". Put the weights beside the model.`,
    );
  }
  return resolved;
}

const bytesOf: Record<string, number> = {
  float32: 4,
  int32: 4,
  bool: 1,
  uint8: 1,
  uint16: 2,
  float16: 2,
  complex64: 8,
};

function byteLength(weight: tf.io.WeightsManifestEntry): number {
  const size = weight.shape.reduce((a, b) => a * b, 1);
  const { quantization } = weight;
  const bytes = bytesOf[quantization ? quantization.dtype : weight.dtype];
  if (bytes === undefined) {
    throw new GauntletError(
      'model-weights',
      `Weight "${weight.name}" has the type ${weight.dtype}, which cannot be read.`,
    );
  }
  return size * bytes;
}

/** A model with NaN or infinite weights gives no evidence about anything. */
export async function assertFiniteWeights(
  file: string,
  weights: Iterable<readonly [string, tf.Tensor]>,
): Promise<void> {
  for (const [name, weight] of weights) {
    const values = await weight.data();
    const bad = (values as Float32Array).findIndex((value) => !Number.isFinite(value));
    if (bad >= 0) {
      throw new GauntletError(
        'model-weights',
        `The weight "${name}" of ${file} is ${values[bad]} at position ${bad}. Train or export the model again.`,
      );
    }
  }
}
