import { blockSource, type ImageOrder, type ImageSource } from '@gauntlet/api';
import { labelRows, labelsOf } from './labels.js';
import { emptyLike, type NpyArray, parseNpy, readHeader } from './npy.js';
import { readBytes, wrongFile } from './read-bytes.js';

export interface NpyConfig {
  images: string;
  labels?: string;
  /** Of images with channels: last by default. */
  layout?: ImageOrder;
}

export async function readNpyFile(file: string): Promise<NpyArray> {
  const sizeOf = (head: Uint8Array) => {
    const header = head.length < 6 ? undefined : readHeader(file, head);
    return header && header.end + header.count * header.width;
  };
  return parseNpy(file, await readBytes(file, { sizeOf }));
}

export async function readNpyDataset({ images, labels, layout }: NpyConfig): Promise<ImageSource> {
  return imagesOf(
    { name: images, array: await readNpyFile(images) },
    labels === undefined ? undefined : { name: labels, array: await readNpyFile(labels) },
    layout,
  );
}

/** An array, and how messages call it. */
export interface NamedArray {
  name: string;
  array: NpyArray;
}

/** Images [n,h,w], [n,h,w,c] or, by `layout`, [n,c,h,w]; rows of features or of sound, [n,d]; labels as of `classesOf`. */
export function imagesOf(images: NamedArray, labels?: NamedArray, layout?: ImageOrder): ImageSource {
  const { shape: given, data } = images.array;
  // A row is an image one pixel high, which a model may take as [n, d], [n, 1, d] or [n, d, 1].
  const shape = given.length === 2 ? [given[0], 1, given[1]] : given;
  if (shape.length !== 3 && shape.length !== 4)
    throw wrongFile(
      images.name,
      'images of shape [n, h, w] or [n, h, w, c], or rows [n, d]',
      `[${shape.join(', ')}]`,
    );
  if (shape.slice(1).includes(0))
    throw wrongFile(images.name, 'images of at least one pixel', `[${shape.join(', ')}]`);
  if (data instanceof Int32Array)
    throw wrongFile(images.name, 'uint8 or float pixels', 'integers of another type');
  const truth = labels && truthOf(labels, images.name, shape[0]);
  const [, a, b, c = 1] = shape;
  const planar = shape.length === 4 && layout === 'nchw';
  if (shape.length === 4 && !layout && c > 4 && (a === 1 || a === 3))
    throw wrongFile(
      images.name,
      'images of shape [n, h, w, c]',
      `[${shape.join(', ')}], where channels seem to come first. Write layout: nchw if they do, layout: nhwc if not`,
    );
  const block = planar ? channelsLast(data, [a, b, c]) : data;
  return blockSource(block, planar ? [b, c, a] : [a, b, c], truth);
}

/** [n, c, h, w] → [n, h, w, c] */
function channelsLast<T extends Uint8Array | Float32Array>(data: T, [c, h, w]: readonly number[]): T {
  const out = emptyLike(data);
  const plane = h * w;
  for (let from = 0; from < data.length; from += c * plane)
    for (let channel = 0; channel < c; channel++)
      for (let i = 0; i < plane; i++) out[from + i * c + channel] = data[from + channel * plane + i];
  return out;
}

/** Class indices [n] or [n, 1], or rows [n, k] of 0 and 1. */
function truthOf(
  { name, array: { shape, data } }: NamedArray,
  images: string,
  n: number,
): Pick<ImageSource, 'labels' | 'labelSets'> {
  if (shape[0] === n && shape.length === 2 && shape[1] > 1) return labelRows(name, data, shape[1]);
  if (data.length !== n)
    throw wrongFile(name, `${n} labels, one for each image of ${images}`, `${data.length}`);
  return { labels: labelsOf(name, data) };
}
