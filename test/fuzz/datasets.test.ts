// Every reader of data sets, on valid files that have been damaged.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { crc32, deflateSync, gzipSync } from 'node:zlib';
import jpeg from 'jpeg-js';
import { type DatasetConfig, npzBytes, openDataset } from '@gauntlet/core';
import {
  bytesOf,
  idx,
  mat,
  npy,
  parquet,
  png,
  ramp,
} from '../../packages/core/src/datasets/files.test-support.js';
import { fuzz, type Subject } from './check.js';

/** Pixels, labels and shape in one hash. */
async function contentOf(config: DatasetConfig): Promise<string> {
  const dataset = await openDataset(config, 1);
  const { indices, imageShape } = dataset;
  const labels = dataset.labels(indices);
  return JSON.stringify([indices.length, imageShape, labels && [...labels], await dataset.hash()]);
}

const subject = (
  name: string,
  files: Record<string, Uint8Array>,
  checksum: boolean,
  config: (folder: string) => DatasetConfig,
): Subject => ({
  name,
  files,
  damaged: Object.keys(files)[0],
  checksum,
  read: (folder) => contentOf(config(folder)),
});

const images = idx([5, 8, 8], ramp(320));
const labels = idx([5], [3, 1, 4, 1, 5]);
const idxConfig = (a: string, b: string) => (folder: string) =>
  ({ format: 'idx', images: path.join(folder, a), labels: path.join(folder, b) }) as const;

const records = Buffer.concat([1, 2, 3].map((label) => Uint8Array.from([label, ...ramp(3072)])));
const cifar =
  (file: string) =>
  (folder: string): DatasetConfig => ({ format: 'cifar10', files: [path.join(folder, file)] });

const floats = npy('<f4', [3, 4, 4, 1], bytesOf(Float32Array.from(ramp(48), (value) => value / 64)));
const integers = npy('<i8', [3], bytesOf(BigInt64Array.of(1n, 2n, 0n)));
const npyConfig = (a: string, b: string) => (folder: string) =>
  ({ format: 'npy', images: path.join(folder, a), labels: path.join(folder, b) }) as const;

const arrays = {
  x: { shape: [3, 4, 4], data: Uint8Array.from(ramp(48)) },
  y: { shape: [3], data: Int32Array.of(1, 2, 0) },
  extra: { shape: [100], data: new Float64Array(100) },
};
const npz = (folder: string) =>
  ({ format: 'npz', file: path.join(folder, 'a.npz'), imagesKey: 'x', labelsKey: 'y' }) as const;

const svhn = (folder: string) => ({ format: 'svhn', file: path.join(folder, 'a.mat') }) as const;
const matrices = (pack: (matrix: Uint8Array) => Uint8Array) =>
  mat(
    [
      ['X', [4, 4, 3, 3], Uint8Array.from(ramp(144))],
      ['y', [3, 1], Float64Array.of(10, 4, 2)],
    ],
    pack,
  );

/** The same without compression, which MATLAB writes too. */
function uncompressed(): Uint8Array {
  const inside: Uint8Array[] = [];
  const packed = matrices((matrix) => {
    inside.push(matrix);
    return deflateSync(matrix);
  });
  return Buffer.concat([packed.subarray(0, 128), ...inside]);
}

/** Every part of a PNG with the checksum that it should have. */
function withChecksums(bytes: Uint8Array): Uint8Array {
  const copy = Buffer.from(bytes);
  for (let at = 8; at + 12 <= copy.length;) {
    const end = at + 12 + copy.readUInt32BE(at);
    if (end > copy.length) break;
    copy.writeUInt32BE(crc32(copy.subarray(at + 4, end - 4)), end - 4);
    at = end;
  }
  return copy;
}

/** A folder with one image. */
function picture(name: string, bytes: Uint8Array, checksum: boolean): Subject {
  return {
    name,
    files: { [`image.${name.slice(0, 3)}`]: bytes },
    damaged: `image.${name.slice(0, 3)}`,
    checksum,
    read(folder) {
      const to = path.join(folder, 'set/class');
      mkdirSync(to, { recursive: true });
      const file = `image.${name.slice(0, 3)}`;
      writeFileSync(path.join(to, file), readFileSync(path.join(folder, file)));
      return contentOf({ format: 'folder', path: path.join(folder, 'set'), channels: 3 });
    },
  };
}
const lines = (height: number, width: number) =>
  Uint8Array.from({ length: height * (width + 1) }, (_, i) => (i % (width + 1) === 0 ? i % 5 : i % 251));
const palette = (n: number): [string, Uint8Array] => ['PLTE', Uint8Array.from(ramp(3 * n))];
const jpg = jpeg.encode({ width: 24, height: 16, data: Buffer.from(ramp(24 * 16 * 4)) }, 80).data;

const photo = { bytes: png([12, 10], 8, 2, lines(10, 36)), path: 'a.png' };
const photos = parquet([photo, photo, photo], [1n, 2n, 0n], ['a', 'b', 'c']);

fuzz(
  [
    subject('idx', { 'x.idx': images, 'y.idx': labels }, false, idxConfig('x.idx', 'y.idx')),
    subject('idx labels', { 'y.idx': labels, 'x.idx': images }, false, idxConfig('x.idx', 'y.idx')),
    subject('idx in gzip', { 'x.gz': gzipSync(images), 'y.idx': labels }, true, idxConfig('x.gz', 'y.idx')),
    subject('cifar10', { 'a.bin': records }, false, cifar('a.bin')),
    subject('cifar10 in gzip', { 'a.bin.gz': gzipSync(records) }, true, cifar('a.bin.gz')),
    subject('npy', { 'x.npy': floats, 'y.npy': integers }, false, npyConfig('x.npy', 'y.npy')),
    subject('npy labels', { 'y.npy': integers, 'x.npy': floats }, false, npyConfig('x.npy', 'y.npy')),
    subject('npy in gzip', { 'x.gz': gzipSync(floats), 'y.npy': integers }, true, npyConfig('x.gz', 'y.npy')),
    subject('npz, stored', { 'a.npz': npzBytes(arrays) }, true, npz),
    subject('npz, deflated', { 'a.npz': npzBytes(arrays, 6) }, true, npz),
    subject('mat', { 'a.mat': matrices(deflateSync) }, true, svhn),
    subject('mat, level 0', { 'a.mat': matrices((matrix) => deflateSync(matrix, { level: 0 })) }, true, svhn),
    subject('mat, not compressed', { 'a.mat': uncompressed() }, false, svhn),
    picture('png, gray', png([12, 10], 8, 0, lines(10, 12)), true),
    picture('png, colours', png([12, 10], 8, 2, lines(10, 36)), true),
    picture('png, 16 bits', png([12, 10], 16, 0, lines(10, 24)), true),
    picture('png, palette', png([12, 10], 8, 3, lines(10, 12).fill(0), [palette(200)]), true),
    {
      ...picture('png, checksums put right', png([12, 10], 8, 2, lines(10, 36), [palette(3)]), false),
      repair: withChecksums,
    },
    picture('jpg', jpg, false),
  ],
  0.75,
);

// Each input takes a thread of its own here, and some of them all the time that it is given.
fuzz(
  [
    {
      ...subject('parquet', { 'a.parquet': photos }, false, (folder) => ({
        format: 'parquet',
        files: [path.join(folder, 'a.parquet')],
      })),
      limits: { seconds: 20, kilobytes: 3 * 2 ** 20 },
    },
  ],
  0.003,
);
