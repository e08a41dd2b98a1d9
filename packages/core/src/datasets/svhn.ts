import { blockSource, type ImageSource } from '@gauntlet/api';
import { labelsOf } from './labels.js';
import { readBytes, wrongFile } from './read-bytes.js';
import { damaged, unpack, unpackBeginning } from './unpack.js';

/** The parts of MATLAB's v5 format that SVHN's files use: compressed elements holding numeric matrices. */
const type = {
  int8: 1,
  uint8: 2,
  int16: 3,
  uint16: 4,
  int32: 5,
  uint32: 6,
  double: 9,
  matrix: 14,
  compressed: 15,
};

interface Matrix {
  name: string;
  dimensions: number[];
  /** Column-major, as MATLAB stores it. */
  data: Uint8Array | Float64Array;
}

interface Element {
  type: number;
  data: Uint8Array;
  next: number;
}

/** One tagged element; small ones carry their data inside the tag. */
function element(file: string, bytes: Uint8Array, at: number): Element {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (at + 8 > bytes.length) throw wrongFile(file, `a data element at byte ${at}`, 'the end of the file');
  const tag = view.getUint32(at, true);
  const small = tag >>> 16;
  if (small > 4) throw wrongFile(file, `at most 4 bytes in the tag at byte ${at}`, `${small}`);
  if (small) return { type: tag & 0xffff, data: bytes.subarray(at + 4, at + 4 + small), next: at + 8 };
  const length = view.getUint32(at + 4, true);
  const end = at + 8 + length;
  if (end > bytes.length)
    throw wrongFile(file, `${length} bytes at byte ${at + 8}`, `${bytes.length - at - 8} bytes`);
  const padding = tag === type.compressed ? 0 : (8 - (length % 8)) % 8;
  return { type: tag, data: bytes.subarray(at + 8, end), next: end + padding };
}

function numbers(file: string, { type: kind, data }: Element): Uint8Array | Float64Array {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const read = (width: number, get: (offset: number) => number) => {
    if (data.length % width !== 0) throw wrongFile(file, `numbers of ${width} bytes`, `${data.length} bytes`);
    return Float64Array.from({ length: data.length / width }, (_, i) => get(i * width));
  };
  switch (kind) {
    case type.uint8:
      return data;
    case type.int8:
      return read(1, (o) => view.getInt8(o));
    case type.int16:
      return read(2, (o) => view.getInt16(o, true));
    case type.uint16:
      return read(2, (o) => view.getUint16(o, true));
    case type.int32:
      return read(4, (o) => view.getInt32(o, true));
    case type.uint32:
      return read(4, (o) => view.getUint32(o, true));
    case type.double:
      return read(8, (o) => view.getFloat64(o, true));
    default:
      throw wrongFile(file, 'a numeric array', `MATLAB data type ${kind}`);
  }
}

function parseMatrix(file: string, bytes: Uint8Array): Matrix {
  const flags = element(file, bytes, 0);
  const dimensions = element(file, bytes, flags.next);
  const name = element(file, bytes, dimensions.next);
  const real = element(file, bytes, name.next);
  return {
    name: new TextDecoder().decode(name.data),
    dimensions: [...numbers(file, dimensions)],
    data: numbers(file, real),
  };
}

function parseMat(file: string, bytes: Uint8Array): Map<string, Matrix> {
  const text = new TextDecoder().decode(bytes.subarray(0, 19));
  if (bytes.length < 128 || text !== 'MATLAB 5.0 MAT-file')
    throw wrongFile(file, 'a MATLAB 5.0 MAT-file', JSON.stringify(text));
  const matrices = new Map<string, Matrix>();
  for (let at = 128; at < bytes.length;) {
    const outer = element(file, bytes, at);
    at = outer.next;
    const inner = outer.type === type.compressed ? element(file, uncompressed(file, outer.data), 0) : outer;
    if (inner.type !== type.matrix) continue;
    const matrix = parseMatrix(file, inner.data);
    if (matrices.has(matrix.name)) throw wrongFile(file, `one variable ${matrix.name}`, 'two');
    matrices.set(matrix.name, matrix);
  }
  return matrices;
}

/** Compressed data begin with the element's own tag, which tells their size. zlib checks their Adler-32. */
function uncompressed(file: string, packed: Uint8Array): Uint8Array {
  try {
    const head = unpackBeginning('zlib', packed);
    if (head.length < 8) throw new Error('it ends too early');
    const size = 8 + new DataView(head.buffer, head.byteOffset, 8).getUint32(4, true);
    return unpack('zlib', packed, size);
  } catch (error) {
    throw damaged(file, 'a variable', error);
  }
}

/** SVHN's cropped digits: X [32,32,3,n] uint8 column-major, y [n,1] with 10 for the digit 0. */
export async function readSvhn(config: { file: string }): Promise<ImageSource> {
  const { file } = config;
  const matrices = parseMat(file, await readBytes(file));
  const [X, y] = [matrices.get('X'), matrices.get('y')];
  if (!X || !y) throw wrongFile(file, 'the variables X and y', [...matrices.keys()].join(', ') || 'none');
  if (X.dimensions.length > 4 || !X.dimensions.every((size) => Number.isInteger(size) && size > 0))
    throw wrongFile(file, 'X of shape [h, w, channels, n]', `[${X.dimensions.join(', ')}]`);
  const [h, w, c = 1, n = 1] = X.dimensions;
  const size = h * w * c;
  if (!(X.data instanceof Uint8Array) || X.data.length !== size * n) {
    throw wrongFile(
      file,
      `X as ${size * n} bytes for [${X.dimensions.join(', ')}]`,
      `${X.data.length} numbers`,
    );
  }
  if (y.data.length !== n) throw wrongFile(file, `${n} labels in y`, `${y.data.length}`);
  const block = new Uint8Array(size * n);
  for (let image = 0; image < n; image++) {
    for (let channel = 0; channel < c; channel++) {
      for (let column = 0; column < w; column++) {
        const from = h * (column + w * (channel + c * image));
        for (let row = 0; row < h; row++)
          block[image * size + (row * w + column) * c + channel] = X.data[from + row];
      }
    }
  }
  const labels = labelsOf(`${file}#y`, y.data, 10).map((label) => label % 10);
  return blockSource(block, [h, w, c], { labels });
}
