import { wrongFile } from './read-bytes.js';

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
  '<f2': [2, (v, o) => halfToNumber(v.getUint16(o, true))],
  '<f4': [4, (v, o) => v.getFloat32(o, true)],
  '<f8': [8, (v, o) => v.getFloat64(o, true)],
};

/** IEEE 754 binary16: a sign, five bits of exponent, ten of fraction. */
function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const [exponent, fraction] = [(bits >> 10) & 31, bits & 1023];
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

interface Header {
  descr: string;
  shape: number[];
  count: number;
  width: number;
  /** The first axis runs fastest. */
  fortran: boolean;
  read: Read;
  /** Where the data begins. */
  end: number;
}

/** NumPy's header, or nothing where `bytes` are only its beginning. */
export function readHeader(file: string, bytes: Uint8Array): Header | undefined {
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
  const order = /'fortran_order':\s*(False|True)/.exec(header)?.[1];
  if (!order) throw wrongFile(file, "'fortran_order' of False or True in its header", 'neither');
  const sizes = dimensions
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean);
  if (!sizes.every((size) => /^\d+$/.test(size)))
    throw wrongFile(file, 'a shape of whole numbers that are not negative', `(${dimensions})`);
  const shape = sizes.map(Number);
  const count = shape.reduce((a, b) => a * b, 1);
  return { descr, shape, count, width: type[0], fortran: order === 'True', read: type[1], end };
}

/** NumPy's array format, versions 1 to 3; the numbers in C order. Whole numbers have to fit 32 bits with sign. */
export function parseNpy(file: string, bytes: Uint8Array): NpyArray {
  const header = readHeader(file, bytes);
  if (!header) throw wrongFile(file, 'a whole NumPy header', `the end of the file at byte ${bytes.length}`);
  const { shape, count, width, end, fortran } = header;
  if (bytes.length - end !== count * width) {
    throw wrongFile(
      file,
      `${count * width} bytes of data for [${shape.join(', ')}]`,
      `${bytes.length - end} bytes`,
      'Copy or save the array again.',
    );
  }
  const data = numbersIn(file, bytes, header);
  return { shape, data: fortran ? inCOrder(data, shape) : data };
}

function numbersIn(file: string, bytes: Uint8Array, { descr, count, width, read, end }: Header) {
  if (descr === '|u1') return bytes.slice(end);
  const data = descr.startsWith('<f') ? new Float32Array(count) : new Int32Array(count);
  if (descr === '<f4') {
    new Uint8Array(data.buffer).set(bytes.subarray(end));
    return data;
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let i = 0; i < count; i++) {
    const value = read(view, end + i * width);
    data[i] = value;
    if (data instanceof Int32Array && data[i] !== value)
      throw wrongFile(file, 'whole numbers of at most 32 bits with sign', `${value} at position ${i}`);
  }
  return data;
}

/** The last axis fastest, of an array whose first one is. */
function inCOrder<T extends NpyArray['data']>(data: T, shape: readonly number[]): T {
  const strides = shape.map((_, axis) => shape.slice(0, axis).reduce((a, b) => a * b, 1));
  const out = emptyLike(data);
  const at = shape.map(() => 0);
  for (let i = 0, from = 0; i < data.length; i++) {
    out[i] = data[from];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis];
      if (++at[axis] < shape[axis]) break;
      from -= at[axis] * strides[axis];
      at[axis] = 0;
    }
  }
  return out;
}

/** Zeros, as many and of the same type. */
export function emptyLike<T extends NpyArray['data']>(data: T): T {
  // A Buffer's own `slice` would be a view.
  const kind =
    data instanceof Float32Array ? Float32Array : data instanceof Int32Array ? Int32Array : Uint8Array;
  return new kind(data.length) as T;
}
