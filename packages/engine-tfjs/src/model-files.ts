import { createHash } from 'node:crypto';
import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import type * as tf from '@tensorflow/tfjs-core';
import { GauntletError, reasonOf } from '@gauntlet/api';
import { kerasFormat } from './foreign/refuse-foreign.js';
import { type ModelFiles, type ModelJson, parseModelJson as parse, type WeightsGroup } from './model-json.js';

/** Reads a tfjs model folder or a file of Keras completely, or says which file is wrong and how. */
export async function readModelFiles(given: string): Promise<ModelFiles> {
  const keras = await kerasFormat(given);
  if (keras) return (await import('./keras/read-keras.js')).readKeras(given, keras);
  const file = await jsonPath(given);
  await assertFile(file);
  const text = await read(file);
  const json = parse(file, text);
  const hash = createHash('sha256').update(text);
  const buffers: Buffer[] = [];
  for (const group of json.weightsManifest) {
    const bytes = await readGroup(file, group);
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

/** The bytes of one group of weights; their files have the expected size before anything is read. */
async function readGroup(file: string, { paths, weights }: WeightsGroup): Promise<Buffer> {
  const parts = await Promise.all(paths.map((part) => insideFolder(file, part)));
  const sizes = await Promise.all(parts.map(assertFile));
  const found = sizes.reduce((a, b) => a + b, 0);
  const expected = weights.reduce((sum, weight) => sum + byteLength(file, weight), 0);
  const wrong = (size: number) =>
    new GauntletError(
      'model-weights',
      `${paths.join(', ')} beside ${file}: expected ${expected} bytes of weights, found ${size}.`,
    );
  if (found !== expected) throw wrong(found);
  const bytes = Buffer.concat(await Promise.all(parts.map(read)));
  if (bytes.length !== expected) throw wrong(bytes.length);
  return bytes;
}

function isGraph(json: ModelJson): boolean {
  return json.format === 'graph-model' || Array.isArray(json.modelTopology.node);
}

async function jsonPath(given: string): Promise<string> {
  const found = await stat(given).catch(() => undefined);
  if (!found) throw new GauntletError('model-missing', `There is no model at ${given}.`);
  return found.isDirectory() ? modelIn(given) : given;
}

/** The model.json of a folder, or the only model there that has another name. */
async function modelIn(folder: string): Promise<string> {
  const usual = path.join(folder, 'model.json');
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json')).sort();
  if (names.includes('model.json')) return usual;
  const parts = await Promise.all(
    names.map((name) => readFile(path.join(folder, name), 'utf8').catch(() => '')),
  );
  const models = names.filter((_, i) => parts[i].includes('"weightsManifest"'));
  if (models.length < 2) return path.join(folder, models[0] ?? 'model.json');
  throw new GauntletError(
    'model-missing',
    `${folder} has no model.json and several models: ${models.join(', ')}. Name one of these files.`,
  );
}

async function read(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    throw unreadable(file, reasonOf(error));
  }
}

/** The size of a file. What is none (a pipe, a device, a folder) is refused before anything is read from it. */
async function assertFile(file: string): Promise<number> {
  const found = await stat(file).catch((error: unknown) => {
    throw unreadable(file, reasonOf(error));
  });
  if (!found.isFile()) throw unreadable(file, 'it is a folder, a pipe or a device, not a file');
  return found.size;
}

const unreadable = (file: string, why: string) =>
  new GauntletError('model-missing', `The model file ${file} cannot be read (${why}).`);

/** Model files come from other people: their weights may not be files elsewhere on the machine, nor links to one. */
async function insideFolder(file: string, part: string): Promise<string> {
  const folder = path.dirname(path.resolve(file));
  const resolved = path.resolve(folder, part);
  const inside = (root: string, target: string) =>
    !path.relative(root, target).split(path.sep).includes('..');
  const outside = (how: string) =>
    new GauntletError(
      'model-path',
      `${file} names weights ${how}: "${part}". Put the weights beside the model.`,
    );
  if (path.isAbsolute(part) || part.includes('://') || part.includes('\0') || !inside(folder, resolved))
    throw outside('outside its own folder');
  const real = await realpath(resolved).catch((error: unknown) => {
    throw unreadable(resolved, reasonOf(error));
  });
  if (!inside(await realpath(folder), real)) throw outside('that are a link out of its own folder');
  return real;
}

const bytesOf: Record<string, number | undefined> = {
  float32: 4,
  int32: 4,
  bool: 1,
  uint8: 1,
  uint16: 2,
  float16: 2,
  complex64: 8,
};

function byteLength(file: string, weight: tf.io.WeightsManifestEntry): number {
  const size = weight.shape.reduce((a, b) => a * b, 1);
  const { quantization } = weight;
  const bytes = bytesOf[quantization ? quantization.dtype : weight.dtype];
  if (bytes === undefined) {
    throw new GauntletError(
      'model-weights',
      `The weight "${weight.name}" of ${file} has the type ${quantization?.dtype ?? weight.dtype}, which cannot be read.`,
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
