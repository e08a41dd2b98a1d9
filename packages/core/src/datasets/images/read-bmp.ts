import { mostPixels, type RawImage } from './raw-image.js';
import { runsOf } from './bmp-runs.js';

interface Header {
  width: number;
  height: number;
  /** Rows go from the top to the bottom; usually it is the other way round. */
  downwards: boolean;
  /** Bits of a pixel: an index into the palette up to 8, its channels above. */
  depth: number;
  /** 0 none, 1 and 2 runs, 3 and 6 none, with masks of the channels. */
  compression: number;
  /** Where the palette or the masks begin. */
  after: number;
  /** Where the pixels begin. */
  pixelsAt: number;
}

const bitmapCoreHeader = 12;
const bitmapInfoHeader = 40;

/**
 * The pixels of a BMP of Windows or OS/2, with a palette (of grays: one channel) or 16, 24 or 32 bits a pixel; the values of Pillow. Transparency is left out.
 * libvips reads no BMP, and the libraries of the registry leave out palettes or get runs wrong.
 * @throws Error with a reason in plain words
 */
export function readBmp(bytes: Uint8Array): RawImage {
  const file = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const header = readHeader(file);
  return header.depth <= 8 ? indexed(bytes, file, header) : direct(file, header);
}

function readHeader(file: DataView): Header {
  if (file.byteLength < 26) throw new Error('it ends too early');
  const size = file.getUint32(14, true);
  const core = size === bitmapCoreHeader;
  if (!core && size < bitmapInfoHeader) throw new Error(`its header of ${size} bytes is none that is known`);
  if (14 + size > file.byteLength) throw new Error('it ends too early');
  const stated = core ? file.getUint16(20, true) : file.getInt32(22, true);
  const header = {
    width: core ? file.getUint16(18, true) : file.getInt32(18, true),
    height: Math.abs(stated),
    downwards: stated < 0,
    depth: file.getUint16(core ? 24 : 28, true),
    compression: core ? 0 : file.getUint32(30, true),
    after: 14 + size,
    pixelsAt: file.getUint32(10, true),
  };
  const { width, height, depth, compression, downwards, pixelsAt } = header;
  if (width <= 0 || height === 0) throw new Error(`it is ${width} × ${height} pixels large`);
  if (width * height > mostPixels)
    throw new Error(`it has ${width} × ${height} pixels; ${mostPixels} are the most`);
  const depths = [[1, 2, 4, 8, 16, 24, 32], [8], [4], [16, 32], [], [], [16, 32]][compression] ?? [];
  if (!depths.includes(depth) || ((compression === 1 || compression === 2) && downwards))
    throw new Error(
      `it is a BMP of ${depth} bits a pixel in compression ${compression}, which is not read; save it as PNG`,
    );
  const stride = strideOf(header);
  if (compression !== 1 && compression !== 2 && pixelsAt + stride * height > file.byteLength)
    throw new Error('it ends too early');
  return header;
}

/** Bytes of a row, filled up to a multiple of four. */
const strideOf = ({ width, depth }: Header) => 4 * Math.ceil((width * depth) / 32);

/** Where in the file a row from the top begins. */
const rowAt = (header: Header, row: number) =>
  header.pixelsAt + strideOf(header) * (header.downwards ? row : header.height - 1 - row);

/** Colours of a palette, one channel where all are gray. */
function indexed(bytes: Uint8Array, file: DataView, header: Header): RawImage {
  const { width, height, depth, compression, after, pixelsAt } = header;
  const core = after === 14 + bitmapCoreHeader;
  const entry = core ? 3 : 4;
  const count = (core ? 0 : file.getUint32(46, true)) || 2 ** depth;
  // Some writers state all colours and keep fewer before the pixels.
  const kept = Math.min(count, Math.floor((Math.min(pixelsAt, bytes.length) - after) / entry));
  const colours = Array.from({ length: Math.max(0, kept) }, (_, i) =>
    bytes.subarray(after + entry * i, after + entry * i + 3),
  );
  const gray = colours.every(([blue, green, red]) => blue === green && green === red);
  const indices = compression === 0 ? packed(bytes, header) : runsOf(bytes.subarray(pixelsAt), header);
  const channels = gray ? 1 : 3;
  const data = new Uint8Array(channels * width * height);
  for (let i = 0; i < indices.length; i++) {
    const colour = colours[indices[i]];
    if (!colour) throw new Error(`a pixel has colour ${indices[i]} of a palette of ${colours.length}`);
    for (let channel = 0; channel < channels; channel++) data[channels * i + channel] = colour[2 - channel];
  }
  return { width, height, channels, data };
}

/** Indices of `depth` bits each, the first in the highest bits of a byte. */
function packed(bytes: Uint8Array, header: Header): Uint8Array {
  const { width, height, depth } = header;
  const indices = new Uint8Array(width * height);
  for (let row = 0; row < height; row++) {
    const start = rowAt(header, row);
    for (let x = 0; x < width; x++) {
      const bit = x * depth;
      const shift = 8 - depth - (bit % 8);
      indices[row * width + x] = (bytes[start + (bit >> 3)] >> shift) & (2 ** depth - 1);
    }
  }
  return indices;
}

/** Red, green and blue of 16, 24 or 32 bits. */
function direct(file: DataView, header: Header): RawImage {
  const { width, height, depth } = header;
  const channels = masksOf(file, header).map((mask) => {
    const shift = 31 - Math.clz32(mask & -mask);
    const most = mask >>> shift;
    return { mask, shift, most };
  });
  if (channels.some(({ mask }) => mask === 0)) throw new Error('it has no mask for one of its colours');
  const step = depth / 8;
  const data = new Uint8Array(3 * width * height);
  for (let row = 0, to = 0; row < height; row++) {
    const start = rowAt(header, row);
    for (let x = 0; x < width; x++) {
      const at = start + x * step;
      const pixel =
        depth === 16
          ? file.getUint16(at, true)
          : depth === 24
            ? file.getUint16(at, true) | (file.getUint8(at + 2) << 16)
            : file.getUint32(at, true);
      for (const { mask, shift, most } of channels)
        data[to++] = Math.floor((((pixel & mask) >>> shift) * 255) / most);
    }
  }
  return { width, height, channels: 3, data };
}

/** Which bits are red, green and blue. */
function masksOf(file: DataView, { depth, compression }: Header): number[] {
  if (compression === 3 || compression === 6) {
    if (file.byteLength < 66) throw new Error('it ends too early');
    return [54, 58, 62].map((at) => file.getUint32(at, true));
  }
  return depth === 16 ? [0x7c00, 0x3e0, 0x1f] : [0xff0000, 0xff00, 0xff];
}
