// Small data files as other programs write them.
import { crc32, deflateSync } from 'node:zlib';
import { parquetWriteBuffer } from 'hyparquet-writer';

export function idx(dimensions: number[], data: number[], magic = 0x0800 + dimensions.length): Uint8Array {
  const bytes = Buffer.alloc(4 + 4 * dimensions.length + data.length);
  bytes.writeUInt32BE(magic, 0);
  dimensions.forEach((size, i) => bytes.writeUInt32BE(size, 4 + 4 * i));
  bytes.set(data, 4 + 4 * dimensions.length);
  return bytes;
}
export const ramp = (n: number) => Array.from({ length: n }, (_, i) => i % 256);

export function npy(descr: string, shape: number[], data: Uint8Array, order = 'False'): Uint8Array {
  const header = `{'descr': '${descr}', 'fortran_order': ${order}, 'shape': (${shape.join(', ')}${shape.length === 1 ? ',' : ''}), }`;
  const padded = `${header}${' '.repeat((64 - ((10 + header.length + 1) % 64)) % 64)}\n`;
  const head = Buffer.from([
    0x93,
    0x4e,
    0x55,
    0x4d,
    0x50,
    0x59,
    1,
    0,
    padded.length & 255,
    padded.length >> 8,
  ]);
  return Buffer.concat([head, Buffer.from(padded, 'latin1'), data]);
}
/** The bytes of numbers, little-endian. */
export const bytesOf = (values: Float32Array | Float64Array | BigInt64Array) => new Uint8Array(values.buffer);

/** A MATLAB v5 file as SVHN's: each matrix compressed, labels as uint8 or double. `pack` compresses a matrix. */
export function mat(
  variables: [string, number[], Uint8Array | Float64Array][],
  pack: (matrix: Uint8Array) => Uint8Array = deflateSync,
): Uint8Array {
  const word = (...values: number[]) => Buffer.from(Uint32Array.from(values).buffer);
  const pad = (bytes: Uint8Array) => Buffer.concat([bytes, Buffer.alloc((8 - (bytes.length % 8)) % 8)]);
  const element = (type: number, bytes: Uint8Array) => Buffer.concat([word(type, bytes.length), pad(bytes)]);
  const parts = variables.map(([name, dimensions, data]) => {
    const matrix = Buffer.concat([
      element(6, word(9, 0)),
      element(5, word(...dimensions)),
      // A name of up to four characters sits inside its tag.
      Buffer.concat([Buffer.from(Uint16Array.of(1, name.length).buffer), Buffer.from(name.padEnd(4, '\0'))]),
      element(
        data instanceof Uint8Array ? 2 : 9,
        new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
      ),
    ]);
    const packed = pack(Buffer.concat([word(14, matrix.length), matrix]));
    return Buffer.concat([word(15, packed.length), packed]);
  });
  const header = Buffer.alloc(128, ' ');
  header.write('MATLAB 5.0 MAT-file, made by a test');
  return Buffer.concat([header, ...parts]);
}

/** One part of a PNG, with its checksum. */
function chunk(type: string, data: Uint8Array): Uint8Array {
  const bytes = Buffer.alloc(12 + data.length);
  bytes.writeUInt32BE(data.length, 0);
  bytes.write(type, 4, 'latin1');
  bytes.set(data, 8);
  bytes.writeUInt32BE(crc32(bytes.subarray(4, 8 + data.length)), 8 + data.length);
  return bytes;
}

/** A PNG from its lines before compression (a filter byte, then pixels) and parts that stand before them. */
export function png(
  [width, height]: readonly [number, number],
  depth: number,
  colourType: number,
  lines: Uint8Array,
  parts: readonly [string, Uint8Array][] = [],
): Uint8Array {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([depth, colourType], 8);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    ...parts.map(([type, data]) => chunk(type, data)),
    chunk('IDAT', deflateSync(lines)),
    chunk('IEND', new Uint8Array()),
  ]);
}

/** A parquet file as Hugging Face's: images {bytes, path}, labels as int64, and the classes' names beside the schema. */
export function parquet(images: unknown[], labels: unknown[], names?: string[]): Uint8Array {
  const features = { image: { _type: 'Image' }, label: { names, _type: 'ClassLabel' } };
  const buffer = parquetWriteBuffer({
    schema: [
      { name: 'root', num_children: 2 },
      { name: 'image', repetition_type: 'OPTIONAL', num_children: 2 },
      { name: 'bytes', type: 'BYTE_ARRAY', repetition_type: 'OPTIONAL' },
      { name: 'path', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' },
      { name: 'label', type: 'INT64', repetition_type: 'OPTIONAL' },
    ],
    columnData: [
      { name: 'image', data: images },
      { name: 'label', data: labels },
    ],
    kvMetadata: names && [{ key: 'huggingface', value: JSON.stringify({ info: { features } }) }],
  });
  return new Uint8Array(buffer);
}

/** The same with a list of numbers for each image. */
export function parquetLists(images: unknown[], labels: number[][]): Uint8Array {
  const buffer = parquetWriteBuffer({
    schema: [
      { name: 'root', num_children: 2 },
      { name: 'image', repetition_type: 'OPTIONAL', num_children: 2 },
      { name: 'bytes', type: 'BYTE_ARRAY', repetition_type: 'OPTIONAL' },
      { name: 'path', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' },
      { name: 'labels', repetition_type: 'OPTIONAL', converted_type: 'LIST', num_children: 1 },
      { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
      { name: 'element', type: 'INT64', repetition_type: 'OPTIONAL' },
    ],
    columnData: [
      { name: 'image', data: images },
      { name: 'labels', data: labels.map((list) => list.map(BigInt)) },
    ],
  });
  return new Uint8Array(buffer);
}
