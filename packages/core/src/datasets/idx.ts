import { blockSource, type ImageSource } from '@gauntlet/api';
import { readBytes, wrongFile } from './read-bytes.js';

/** MNIST's format: big-endian magic 0x000008rr (unsigned bytes, rank rr), one int32 per dimension, the data. */
async function readIdx(file: string, rank: number): Promise<{ dimensions: number[]; data: Uint8Array }> {
  const start = 4 + 4 * rank;
  const sizeOf = (dimensions: number[]) => dimensions.reduce((a, b) => a * b, 1);
  const promised = (head: Uint8Array) =>
    head.length < start ? undefined : start + sizeOf(readHeader(file, head, rank));
  const bytes = await readBytes(file, { sizeOf: promised });
  const dimensions = readHeader(file, bytes, rank);
  const size = sizeOf(dimensions);
  if (bytes.length !== start + size) {
    throw wrongFile(
      file,
      `${size} bytes of data for [${dimensions.join(', ')}]`,
      `${bytes.length - start} bytes`,
      'Download the file again.',
    );
  }
  return { dimensions, data: bytes.subarray(start) };
}

function readHeader(file: string, bytes: Uint8Array, rank: number): number[] {
  const length = 4 + 4 * rank;
  if (bytes.length < length)
    throw wrongFile(file, `an IDX header of ${length} bytes`, `${bytes.length} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const magic = view.getUint32(0);
  const hex = (value: number) => `0x${value.toString(16).padStart(8, '0')}`;
  if (magic !== 0x0800 + rank) {
    throw wrongFile(
      file,
      `the IDX magic number ${hex(0x0800 + rank)} (${rank}-dimensional bytes)`,
      hex(magic),
    );
  }
  const dimensions = Array.from({ length: rank }, (_, i) => view.getUint32(4 + 4 * i));
  if (dimensions.slice(1).includes(0))
    throw wrongFile(file, 'images of at least one pixel', `the dimensions [${dimensions.join(', ')}]`);
  return dimensions;
}

export async function readIdxDataset(config: { images: string; labels?: string }): Promise<ImageSource> {
  const { dimensions, data } = await readIdx(config.images, 3);
  const [count, h, w] = dimensions;
  if (!config.labels) return blockSource(data, [h, w, 1]);
  const labels = await readIdx(config.labels, 1);
  if (labels.dimensions[0] !== count) {
    throw wrongFile(
      config.labels,
      `${count} labels, one for each image of ${config.images}`,
      `${labels.dimensions[0]}`,
    );
  }
  return blockSource(data, [h, w, 1], { labels: Int32Array.from(labels.data) });
}
