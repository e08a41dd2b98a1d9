import { open } from 'node:fs/promises';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { blockSource, didYouMean, type ImageSource } from '@gauntlet/api';
import { classNames } from './cifar10.js';
import { labelsOf } from './labels.js';
import { readHeader } from './npy.js';
import { readNpyFile } from './npy-images.js';
import { assertFile, wrongFile } from './read-bytes.js';

export interface CifarCConfig {
  /** The folder with an array for each corruption, and labels.npy. */
  path: string;
  corruption: string;
  /** 1 to 5; all of them, one after the other, by default. */
  severity?: number;
}

const severities = 5;

/**
 * CIFAR-10-C and CIFAR-100-C as they are distributed (Hendrycks & Dietterich 2019): of each corruption one array
 * [5n, 32, 32, 3] of bytes, the same n test images at severities 1 to 5. With a severity, image i is test image i.
 */
export async function readCifarC({ path: folder, corruption, severity }: CifarCConfig): Promise<ImageSource> {
  const file = path.join(folder, `${corruption}.npy`);
  if (!existsSync(file)) {
    const names = existsSync(folder) ? readdirSync(folder) : [];
    const known = names.filter((name) => /\.npy$/.test(name) && name !== 'labels.npy');
    const listed = known.map((name) => name.replace(/\.npy$/, ''));
    throw wrongFile(
      folder,
      `the corruption "${corruption}" as ${corruption}.npy`,
      listed.join(', ') || 'no array',
      didYouMean(corruption, listed).trim() || undefined,
    );
  }
  const labelsFile = path.join(folder, 'labels.npy');
  const all = labelsOf(labelsFile, (await readNpyFile(labelsFile)).data);
  if (all.length === 0 || all.length % severities !== 0)
    throw wrongFile(labelsFile, `labels for ${severities} severities`, `${all.length} labels`);
  const count = severity === undefined ? all.length : all.length / severities;
  const first = severity === undefined ? 0 : (severity - 1) * count;
  const labels = all.slice(first, first + count);
  const block = await readRows(file, all.length, first, count);
  const named = all.every((label) => label < classNames.length);
  return blockSource(block, [32, 32, 3], { labels, ...(named && { classNames }) });
}

/** Some of the images of an array [rows, 32, 32, 3] of bytes, and no others. */
async function readRows(file: string, rows: number, first: number, count: number): Promise<Uint8Array> {
  assertFile(file);
  const handle = await open(file);
  try {
    const head = await handle.read(Buffer.alloc(4096), 0, 4096, 0);
    const header = readHeader(file, head.buffer.subarray(0, head.bytesRead));
    const expected = [rows, 32, 32, 3];
    if (header?.descr !== '|u1' || header.fortran || header.shape.join() !== expected.join())
      throw wrongFile(
        file,
        `bytes of shape [${expected.join(', ')}], as many as labels.npy has labels`,
        `${header?.descr} of [${header?.shape.join(', ')}]`,
      );
    const { size } = await handle.stat();
    if (size !== header.end + header.count)
      throw wrongFile(file, `${header.count} bytes of data`, `${size - header.end} bytes`);
    const image = 32 * 32 * 3;
    const block = new Uint8Array(count * image);
    const { bytesRead } = await handle.read(block, 0, block.length, header.end + first * image);
    if (bytesRead !== block.length) throw wrongFile(file, `${block.length} bytes`, `${bytesRead}`);
    return block;
  } finally {
    await handle.close();
  }
}
