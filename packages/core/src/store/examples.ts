import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { parseNpy } from '../datasets/npy.js';
import { npzBytes } from '../datasets/write-npz.js';
import { ZipArchive } from '../datasets/zip.js';

/** Perturbed inputs that broke samples of a cell, in the units of the victim. */
export interface KeptExamples {
  /** [n] what each sample is known by: see `sampleIdentity`. */
  samples: string[];
  /** [n, h·w·c] */
  perturbed: Float32Array;
  shape: readonly [number, number, number];
}

/** A file of them, and what has to be in it. Plain data: it crosses the process boundary. */
export interface ExamplesFile {
  file: string;
  sha256: string;
  count: number;
  shape: readonly [number, number, number];
}

/**
 * What a sample is recognised by in another run: the first 16 hexadecimal digits of a sha256 over its clean values and its label, or
 * the labels that are true of it.
 */
export function sampleIdentity(clean: Float32Array, label: number | readonly number[] | undefined): string {
  const bytes = new Uint8Array(clean.buffer, clean.byteOffset, clean.byteLength);
  return createHash('sha256')
    .update(bytes)
    .update(String(label ?? ''))
    .digest('hex')
    .slice(0, 16);
}

const bytesPerIdentity = 8;
/** Of the archive beside its data: headers, and what deflate may add to what it cannot pack. */
const overhead = 64 * 1024;

export function examplesBytes({ samples, perturbed, shape }: KeptExamples): Uint8Array {
  const n = samples.length;
  const identities = new Uint8Array(Buffer.from(samples.join(''), 'hex'));
  return npzBytes(
    {
      sample: { shape: [n, bytesPerIdentity], data: identities },
      perturbed: { shape: [n, ...shape], data: perturbed },
    },
    6,
  );
}

export const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/**
 * Reads a file of examples. Its size and its checksum are known before anything is unpacked, and nothing unpacks to more than
 * is expected.
 * @throws Error with the reason, if anything is not as it was written
 */
export function readExamples({ file, sha256, count, shape }: ExamplesFile): KeptExamples {
  const size = shape.reduce((a, b) => a * b, 1);
  const most = count * (4 * size + bytesPerIdentity) + overhead;
  const stats = statSync(file);
  if (!stats.isFile()) throw new Error('it is no file');
  if (stats.size > most)
    throw new Error(`it has ${stats.size} bytes, and ${count} examples take ${most} at most`);
  const bytes = readFileSync(file);
  if (sha256Of(bytes) !== sha256) throw new Error('its checksum is not the one that was taken down with it');
  const archive = new ZipArchive(file, bytes);
  const read = (name: string, expected: readonly number[]) => {
    const entry = `${name}.npy`;
    if (!archive.has(entry) || archive.sizeOf(entry) > most)
      throw new Error(`it has no array "${name}" of that size`);
    const { shape: found, data } = parseNpy(`${file}#${name}`, archive.read(entry));
    if (found.join() !== expected.join())
      throw new Error(`its array "${name}" is [${found.join(', ')}], expected [${expected.join(', ')}]`);
    return data;
  };
  const identities = Buffer.from(read('sample', [count, bytesPerIdentity]) as Uint8Array);
  const perturbed = read('perturbed', [count, ...shape]);
  if (!(perturbed instanceof Float32Array)) throw new Error('its array "perturbed" is not of float32');
  const samples = Array.from({ length: count }, (_, i) =>
    identities.toString('hex', i * bytesPerIdentity, (i + 1) * bytesPerIdentity),
  );
  return { samples, perturbed, shape };
}
