import { crc32 } from 'node:zlib';
import { decode } from 'fast-png';
import { mostPixels, type RawImage } from './raw-image.js';
import { unpack } from './unpack.js';

const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

interface Header {
  width: number;
  height: number;
  depth: number;
  colourType: number;
  interlaced: boolean;
}

/**
 * A PNG's pixels. Every chunk has to have its CRC-32, and the pixels their Adler-32 and exactly the size that the
 * header promises. @throws Error with a reason in plain words
 */
export function decodePng(bytes: Uint8Array): RawImage {
  const chunks = readChunks(bytes);
  const header = readHeader(chunks[0]);
  if (header.depth < 8) throw new Error(`it has ${header.depth} bits per pixel; save it with 8`);
  const packed = chunks.filter(({ type }) => type === 'IDAT').map(({ data }) => data);
  unpack('zlib', Buffer.concat(packed), sizeOf(header));
  // Nothing else changes pixels, and a colour profile could unpack to any size.
  const needed = chunks.filter(({ type }) => /^(IHDR|PLTE|IDAT|IEND)$/.test(type));
  const whole = Buffer.concat([Uint8Array.from(signature), ...needed.map((chunk) => chunk.whole)]);
  const { width, height, data, channels, depth, palette } = decode(whole);
  if (header.colourType === 3) {
    const colours = new Uint8Array(width * height * 3);
    for (let i = 0; i < data.length; i++) {
      const colour = palette?.[data[i]];
      if (!colour)
        throw new Error(`pixel ${i} has colour ${data[i]} of a palette of ${palette?.length ?? 0}`);
      for (let c = 0; c < 3; c++) colours[3 * i + c] = colour[c];
    }
    return { width, height, data: colours, channels: 3, gray: false };
  }
  const bytesOnly = depth === 16 ? Uint8Array.from(data, (value) => value >> 8) : data;
  return { width, height, data: bytesOnly, channels, gray: channels < 3 };
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
