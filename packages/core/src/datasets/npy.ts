import { unzipSync } from 'fflate';
import { blockSource, GauntletError, type ImageSource, reasonOf } from '@gauntlet/api';
import { readBytes, wrongFile } from './read-bytes.js';

export interface NpyArray {
  shape: number[];
  data: Uint8Array | Float32Array | Int32Array;
}

type Read = (view: DataView, offset: number) => number;
const types: Record<string, [bytes: number, read: Read]> = {
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

/** NumPy's array format, versions 1 to 3, C order. */
export function parseNpy(file: string, bytes: Uint8Array): NpyArray {
  const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
  if (!magic.every((byte, i) => bytes[i] === byte))
    throw wrongFile(file, 'a NumPy array (magic \\x93NUMPY)', `bytes ${[...bytes.subarray(0, 6)].join(' ')}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const wide = bytes[6] >= 2;
  const start = wide ? 12 : 10;
  const end = start + (wide ? view.getUint32(8, true) : view.getUint16(8, true));
  const header = new TextDecoder().decode(bytes.subarray(start, end));
  const descr = /'descr':\s*'([^']+)'/.exec(header)?.[1] ?? '?';
  const dimensions = /'shape':\s*\(([^)]*)\)/.exec(header)?.[1];
  const type = types[descr];
  if (!type || dimensions === undefined) {
    throw wrongFile(file, `an array of one of ${Object.keys(types).join(' ')}`, `'${descr}'`);
  }
  if (/'fortran_order':\s*True/.test(header))
    throw wrongFile(file, 'C order (save with numpy.ascontiguousarray)', 'Fortran order');
  const shape = dimensions
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean)
    .map(Number);
  const count = shape.reduce((a, b) => a * b, 1);
  const [width, read] = type;
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
  for (let i = 0; i < count; i++) data[i] = read(view, end + i * width);
  return { shape, data };
}

export async function readNpyDataset(config: { images: string; labels?: string }): Promise<ImageSource> {
  const images = parseNpy(config.images, await readBytes(config.images));
  const labels = config.labels ? parseNpy(config.labels, await readBytes(config.labels)) : undefined;
  return assemble(config.images, images, config.labels, labels);
}

/** The arrays of a .npz archive by name; asking for one that is not there is an error. */
export interface NpzArchive {
  (key: string): NpyArray;
  has(key: string): boolean;
}

export async function readNpz(file: string): Promise<NpzArchive> {
  const bytes = await readBytes(file);
  let entries: Record<string, Uint8Array>;
  try {
    entries = unzipSync(bytes);
  } catch (error) {
    throw new GauntletError('dataset-format', `${file} is no .npz archive (${reasonOf(error)}).`);
  }
  const read = (key: string) => {
    const found = entries[`${key}.npy`];
    if (!found)
      throw wrongFile(
        file,
        `an array "${key}"`,
        Object.keys(entries)
          .map((name) => name.replace(/\.npy$/, ''))
          .join(', ') || 'none',
      );
    return parseNpy(`${file}#${key}`, found);
  };
  return Object.assign(read, { has: (key: string) => `${key}.npy` in entries });
}

export async function readNpzDataset(config: {
  file: string;
  imagesKey: string;
  labelsKey?: string;
}): Promise<ImageSource> {
  const entry = await readNpz(config.file);
  const labels = config.labelsKey ? entry(config.labelsKey) : undefined;
  return assemble(
    `${config.file}#${config.imagesKey}`,
    entry(config.imagesKey),
    `${config.file}#${config.labelsKey}`,
    labels,
  );
}

/** [n,h,w], [n,h,w,c] pixels; [n] or [n,1] integer labels. */
function assemble(imagesFile: string, images: NpyArray, labelsFile?: string, labels?: NpyArray): ImageSource {
  const [n, h, w, c = 1] = images.shape;
  if (images.shape.length !== 3 && images.shape.length !== 4) {
    throw wrongFile(imagesFile, 'images of shape [n, h, w] or [n, h, w, c]', `[${images.shape.join(', ')}]`);
  }
  if (images.data instanceof Int32Array)
    throw wrongFile(imagesFile, 'uint8 or float pixels', 'integers of another type');
  if (!labels) return blockSource(images.data, [h, w, c]);
  if (labels.data.length !== n)
    throw wrongFile(labelsFile!, `${n} labels, one for each image of ${imagesFile}`, `${labels.data.length}`);
  return blockSource(images.data, [h, w, c], { labels: Int32Array.from(labels.data) });
}
