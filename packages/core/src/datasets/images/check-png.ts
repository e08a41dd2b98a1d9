import { crc32 } from 'node:zlib';
import { unpack } from '../unpack.js';
import { mostPixels } from './raw-image.js';

const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

interface Header {
  width: number;
  height: number;
  depth: number;
  colourType: number;
  interlaced: boolean;
}

export interface CheckedPng {
  bytes: Uint8Array;
  /** Of an image with a palette: the bytes are a gray image of its indices, each a share of `levels`. */
  palette?: { colours: Uint8Array; levels: number };
}

/**
 * A PNG with its pixels alone: every chunk has to have its CRC-32, and the pixels their Adler-32 and exactly the size that
 * the header promises. What else it carries (colour profiles, which could unpack to any size) is left out. Decoders are
 * silent about colours outside a palette, so that indices are decoded in place of colours.
 * @throws Error with a reason in plain words
 */
export function checkPng(bytes: Uint8Array): CheckedPng {
  const chunks = readChunks(bytes);
  const packed = chunks.filter(({ type }) => type === 'IDAT').map(({ data }) => data);
  const header = readHeader(chunks[0]);
  unpack('zlib', Buffer.concat(packed), sizeOf(header));
  const needed = chunks.slice(1).filter(({ type }) => /^(IDAT|IEND)$/.test(type));
  const indexed = header.colourType === 3;
  const first = indexed ? asGray(chunks[0].whole) : chunks[0].whole;
  const colours = chunks.find(({ type }) => type === 'PLTE')?.data ?? new Uint8Array(0);
  return {
    bytes: Buffer.concat([Uint8Array.from(signature), first, ...needed.map((chunk) => chunk.whole)]),
    palette: indexed ? { colours, levels: 2 ** header.depth - 1 } : undefined,
  };
}

/** A header chunk with colour type 0. */
function asGray(header: Uint8Array): Uint8Array {
  const chunk = Buffer.from(header);
  chunk[8 + 9] = 0;
  chunk.writeUInt32BE(crc32(chunk.subarray(4, -4)), chunk.length - 4);
  return chunk;
}

interface Chunk {
  type: string;
  data: Uint8Array;
  /** With length, type and checksum. */
  whole: Uint8Array;
}

function readChunks(bytes: Uint8Array): Chunk[] {
  if (!signature.every((byte, i) => bytes[i] === byte)) throw new Error('it does not begin like a PNG');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const chunks: Chunk[] = [];
  for (let at = signature.length; ;) {
    const length = at + 12 <= bytes.length ? view.getUint32(at) : Infinity;
    const end = at + 12 + length;
    if (end > bytes.length) throw new Error('it ends too early');
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    if (crc32(bytes.subarray(at + 4, end - 4)) !== view.getUint32(end - 4))
      throw new Error(`the checksum of its part ${type} is wrong`);
    // A capital letter marks what a reader has to understand.
    if (/^[A-Z]/.test(type) && !/^(IHDR|PLTE|IDAT|IEND)$/.test(type))
      throw new Error(`it has a part ${type}, which no PNG standard knows`);
    chunks.push({ type, data: bytes.subarray(at + 8, end - 4), whole: bytes.subarray(at, end) });
    if (type === 'IEND') return chunks;
    at = end;
  }
}

function readHeader({ type, data }: Chunk): Header {
  if (type !== 'IHDR' || data.length !== 13) throw new Error('its header is missing');
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const [width, height] = [view.getUint32(0), view.getUint32(4)];
  if (width * height === 0) throw new Error(`it is ${width} × ${height} pixels large`);
  if (width * height > mostPixels)
    throw new Error(`it has ${width} × ${height} pixels; ${mostPixels} are the most`);
  return { width, height, depth: data[8], colourType: data[9], interlaced: data[12] === 1 };
}

/** Bytes before compression: a filter byte and the pixels, line by line; interlaced, seven smaller images. */
function sizeOf({ width, height, depth, colourType, interlaced }: Header): number {
  const channels = [1, 0, 3, 1, 2, 0, 4][colourType] ?? 0;
  const part = (w: number, h: number) => (w > 0 ? h * (1 + Math.ceil((w * channels * depth) / 8)) : 0);
  if (!interlaced) return part(width, height);
  // Adam7: where each of the images begins, and its steps.
  const passes = [
    [0, 0, 8, 8],
    [4, 0, 8, 8],
    [0, 4, 4, 8],
    [2, 0, 4, 4],
    [0, 2, 2, 4],
    [1, 0, 2, 2],
    [0, 1, 1, 2],
  ];
  return passes
    .map(([x, y, dx, dy]) => part(Math.ceil((width - x) / dx), Math.max(0, Math.ceil((height - y) / dy))))
    .reduce((a, b) => a + b, 0);
}
