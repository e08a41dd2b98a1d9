import { blockSource, type ImageSource } from '@gauntlet/api';
import { labelsOf } from './labels.js';
import { readBytes, wrongFile } from './read-bytes.js';

export interface NpyArray {
  shape: number[];
  data: Uint8Array | Float32Array | Int32Array;
}

type Read = (view: DataView, offset: number) => number;
const types: Record<string, [bytes: number, read: Read] | undefined> = {
  '|u1': [1, (v, o) => v.getUint8(o)],
  '|i1': [1, (v, o) => v.getInt8(o)],
  '|b1': [1, (v, o) => v.getUint8(o)],
  '<u2': [2, (v, o) => v.getUint16(o, true)],
  '<i2': [2, (v, o) => v.getInt16(o, true)],
  '<i4': [4, (v, o) => v.getInt32(o, true)],
  '<u4': [4, (v, o) => v.getUint32(o, true)],
  '<i8': [8, (v, o) => Number(v.getBigInt64(o, true))],
  '<u8': [8, (v, o) => Number(v.getBigUint64(o, true))],
  '<f4': [4, (v, o) => v.getFloat32(o, true)],
  '<f8': [8, (v, o) => v.getFloat64(o, true)],
};

interface Header {
  descr: string;
  shape: number[];
  count: number;
  width: number;
  read: Read;
  /** Where the data begins. */
  end: number;
}

/** NumPy's header, or nothing where `bytes` are only its beginning. */
function readHeader(file: string, bytes: Uint8Array): Header | undefined {
  const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
  if (!magic.every((byte, i) => bytes[i] === byte))
    throw wrongFile(file, 'a NumPy array (magic \\x93NUMPY)', `bytes ${[...bytes.subarray(0, 6)].join(' ')}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const wide = bytes[6] >= 2;
  const start = wide ? 12 : 10;
  if (bytes.length < start) return undefined;
  const end = start + (wide ? view.getUint32(8, true) : view.getUint16(8, true));
  if (bytes.length < end) return undefined;
  const header = new TextDecoder().decode(bytes.subarray(start, end));
  const descr = /'descr':\s*'([^']+)'/.exec(header)?.[1] ?? '?';
  const dimensions = /'shape':\s*\(([^)]*)\)/.exec(header)?.[1];
  const type = Object.hasOwn(types, descr) ? types[descr] : undefined;
  if (!type || dimensions === undefined) {
    throw wrongFile(file, `an array of one of ${Object.keys(types).join(' ')}`, `'${descr}'`);
  }
  if (!/'fortran_order':\s*False/.test(header))
    throw wrongFile(file, 'C order (save with numpy.ascontiguousarray)', 'Fortran order');
  const sizes = dimensions
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean);
  if (!sizes.every((size) => /^\d+$/.test(size)))
    throw wrongFile(file, 'a shape of whole numbers that are not negative', `(${dimensions})`);
  const shape = sizes.map(Number);
  const count = shape.reduce((a, b) => a * b, 1);
  return { descr, shape, count, width: type[0], read: type[1], end };
}

/** NumPy's array format, versions 1 to 3, C order. Whole numbers have to fit 32 bits with sign. */
export function parseNpy(file: string, bytes: Uint8Array): NpyArray {
  const header = readHeader(file, bytes);
  if (!header) throw wrongFile(file, 'a whole NumPy header', `the end of the file at byte ${bytes.length}`);
  const { descr, shape, count, width, read, end } = header;
  if (bytes.length - end !== count * width) {
    throw wrongFile(
      file,
      `${count * width} bytes of data for [${shape.join(', ')}]`,
      `${bytes.length - end} bytes`,
    );
  }
  if (descr === '|u1') return { shape, data: bytes.slice(end) };
  const data = descr.startsWith('<f') ? new Float32Array(count) : new Int32Array(count);
  if (descr === '<f4') {
    new Uint8Array(data.buffer).set(bytes.subarray(end));
    return { shape, data };
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let i = 0; i < count; i++) {
    const value = read(view, end + i * width);
    data[i] = value;
    if (data instanceof Int32Array && data[i] !== value)
      throw wrongFile(file, 'whole numbers of at most 32 bits with sign', `${value} at position ${i}`);
  }
  return { shape, data };
}

export async function readNpyDataset(config: { images: string; labels?: string }): Promise<ImageSource> {
  const read = async (file: string) => {
    const sizeOf = (head: Uint8Array) => {
      const header = head.length < 6 ? undefined : readHeader(file, head);
      return header && header.end + header.count * header.width;
    };
    return parseNpy(file, await readBytes(file, sizeOf));
  };
  const images = await read(config.images);
  const labels = config.labels ? await read(config.labels) : undefined;
  return imagesOf(config.images, images, config.labels, labels);
}

/** [n,h,w], [n,h,w,c] pixels; [n] or [n,1] integer labels. */
export function imagesOf(
  imagesFile: string,
  images: NpyArray,
  labelsFile?: string,
  labels?: NpyArray,
): ImageSource {
  const [n, h, w, c = 1] = images.shape;
  if (images.shape.length !== 3 && images.shape.length !== 4) {
    throw wrongFile(imagesFile, 'images of shape [n, h, w] or [n, h, w, c]', `[${images.shape.join(', ')}]`);
  }
  if (h * w * c === 0)
    throw wrongFile(imagesFile, 'images of at least one pixel', `[${images.shape.join(', ')}]`);
  if (images.data instanceof Int32Array)
    throw wrongFile(imagesFile, 'uint8 or float pixels', 'integers of another type');
  if (!labels) return blockSource(images.data, [h, w, c]);
  if (labels.data.length !== n)
    throw wrongFile(labelsFile!, `${n} labels, one for each image of ${imagesFile}`, `${labels.data.length}`);
  return blockSource(images.data, [h, w, c], { labels: labelsOf(labelsFile!, labels.data) });
}
