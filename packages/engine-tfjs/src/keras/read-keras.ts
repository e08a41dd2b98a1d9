import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import { unzipSync } from 'fflate';
import { GauntletError, reasonOf } from '@gauntlet/api';
import type { KerasFormat } from '../foreign/file-formats.js';
import type { ModelFiles } from '../model-json.js';
import { readHdf5 } from './hdf5.js';
import { type Topology, topologyOf } from './topology.js';
import { isObject, Unread } from './unread.js';
import { hdf5Group, inHdf5, inKeras3, keras3Groups, type Weights, weightsOf } from './weights.js';

/** Deflate writes at most 258 bytes for two bits. */
const largestRatio = 1032;

/**
 * Reads a whole model that Keras saved, as a LayersModel of TensorFlow.js.
 * @throws GauntletError `model-foreign` with the line that exports ONNX, for a model or a part of one that has no counterpart, and for
 *   a damaged file
 */
export async function readKeras(file: string, format: KerasFormat): Promise<ModelFiles> {
  const remedy = format.way(path.basename(file));
  try {
    const bytes = new Uint8Array(await readFile(file));
    const hash = createHash('sha256').update(bytes).digest('hex');
    const { model, weights } = await (format.keras === 'zip' ? ofZip(bytes) : ofHdf5(bytes));
    return {
      format: 'layers-model',
      path: file,
      topology: model,
      hash,
      artifacts: { format: 'layers-model', modelTopology: model, ...weights },
      remedy,
    };
  } catch (error) {
    throw new GauntletError(
      'model-foreign',
      `${file} is ${format.is} that is not read here: ${reasonOf(error)}. ${remedy}`,
      { cause: error },
    );
  }
}

interface Read {
  model: Topology['model'];
  weights: Weights;
}

/** A zip archive of config.json, metadata.json and model.weights.h5: version 3, and 2 from 2.12 on. */
async function ofZip(bytes: Uint8Array): Promise<Read> {
  const names = ['config.json', 'metadata.json', 'model.weights.h5'];
  const entries = unzipSync(bytes, {
    filter: ({ name, size, originalSize, compression }) => {
      if (!names.includes(name)) return false;
      const most = compression === 0 ? size : largestRatio * size;
      if (originalSize > most)
        throw new Error(`${name} promises ${originalSize} bytes, more than it can hold`);
      return true;
    },
  });
  for (const name of names) {
    const entry = entries[name];
    if (!entry) throw new Unread(`there is no ${name} in it`);
    if (crc32(entry) !== checksumOf(bytes, name))
      throw new Unread(`${name} in it is damaged (its checksum is wrong)`);
  }
  const topology = topologyOf(
    parsed('config.json', text(entries['config.json'])),
    versionOf(parsed('metadata.json', text(entries['metadata.json']))),
  );
  const hdf5 = await readHdf5(entries['model.weights.h5'].slice(), keras3Groups);
  return { model: topology.model, weights: weightsOf(topology.layers, inKeras3(hdf5)) };
}

/** HDF5 as version 2 writes it, and version 3 if it is asked for .h5. */
async function ofHdf5(bytes: Uint8Array<ArrayBuffer>): Promise<Read> {
  const hdf5 = await readHdf5(bytes, [hdf5Group]);
  const { model_config: config, keras_version } = hdf5.attributes['']!;
  if (typeof config !== 'string')
    throw new Unread(
      'there is no architecture in it, weights alone. Load them into their model, and save that whole',
    );
  const topology = topologyOf(parsed('model_config', config), versionOf({ keras_version }));
  return { model: topology.model, weights: weightsOf(topology.layers, inHdf5(hdf5)) };
}

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

/** The CRC-32 that a zip archive's directory, which is at its end, has for an entry: 30 bytes before its name. */
function checksumOf(bytes: Uint8Array<ArrayBuffer> | Uint8Array, name: string): number {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const at = buffer.lastIndexOf(name);
  return at < 30 ? NaN : buffer.readUInt32LE(at - 30);
}

function parsed(what: string, json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (error) {
    throw new Unread(`${what} in it is not JSON (${reasonOf(error)})`);
  }
}

/** 3 of "3.15.1". */
function versionOf(metadata: unknown): number {
  const version = isObject(metadata) ? metadata.keras_version : undefined;
  const major = typeof version === 'string' ? parseInt(version, 10) : NaN;
  if (!(major === 2 || major === 3))
    throw new Unread(`it is of version ${String(version)} of Keras; 2 and 3 are read`);
  return major;
}
