import { zipSync } from 'fflate';

/** An array as NumPy has it: C order, little-endian. */
export interface NamedArray {
  shape: readonly number[];
  data: Float32Array | Float64Array | Int32Array | Uint8Array;
}

const description = (data: NamedArray['data']): string => {
  if (data instanceof Float32Array) return '<f4';
  if (data instanceof Float64Array) return '<f8';
  return data instanceof Int32Array ? '<i4' : '|u1';
};

/** NumPy's array format, version 1.0. */
export function npyBytes({ shape, data }: NamedArray): Uint8Array {
  const sizes = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const fields = `{'descr': '${description(data)}', 'fortran_order': False, 'shape': (${sizes}), }`;
  // Magic, version and length take ten bytes; data starts at a multiple of 64.
  const header = `${fields.padEnd(Math.ceil((fields.length + 11) / 64) * 64 - 11)}\n`;
  const start = 10 + header.length;
  const bytes = new Uint8Array(start + data.byteLength);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, header.length & 255, header.length >> 8]);
  bytes.set(new TextEncoder().encode(header), 10);
  bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), start);
  return bytes;
}

/** `numpy.load` opens it. `level` is deflate's, 0 to 9. */
export function npzBytes(arrays: Readonly<Record<string, NamedArray>>, level: 0 | 6 = 0): Uint8Array {
  const entries = Object.entries(arrays).map(([name, array]) => [`${name}.npy`, npyBytes(array)] as const);
  // A fixed date: the same arrays give the same file.
  return zipSync(Object.fromEntries(entries), { level, mtime: new Date(1980, 0, 1) });
}
