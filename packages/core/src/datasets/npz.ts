import path from 'node:path';
import type { ImageOrder, ImageSource } from '@gauntlet/api';
import { type NpyArray, parseNpy } from './npy.js';
import { imagesOf } from './npy-images.js';
import { readBytes, wrongFile } from './read-bytes.js';
import { ZipArchive } from './zip.js';

/** The arrays of a .npz archive by name; asking for one that is not there is an error. */
export interface NpzArchive {
  (key: string): NpyArray;
  has(key: string): boolean;
  keys: readonly string[];
}

/** Opens an archive; an array is unpacked when it is asked for. */
export async function readNpz(file: string): Promise<NpzArchive> {
  const archive = new ZipArchive(file, await readBytes(file));
  const keys = archive.names.map((name) => name.replace(/\.npy$/, ''));
  const read = (key: string) => {
    if (!archive.has(`${key}.npy`))
      throw wrongFile(
        file,
        `an array "${key}"`,
        keys.join(', ') || 'none',
        'Say in the spec what they are called: imagesKey and labelsKey.',
      );
    return parseNpy(`${file}#${key}`, archive.read(`${key}.npy`));
  };
  return Object.assign(read, { has: (key: string) => archive.has(`${key}.npy`), keys });
}

export interface NpzConfig {
  file: string;
  imagesKey?: string;
  labelsKey?: string;
  layout?: ImageOrder;
}

/** What images are called where nobody says it, and beside them their labels; the first that is there is taken. */
const usual = [
  ['x', 'y'],
  ['x_test', 'y_test'],
  ['test_images', 'test_labels'],
  ['images', 'labels'],
  ['X', 'y'],
] as const;
const usualLabels = ['y', 'labels', 'y_test'];

export async function readNpzDataset({ file, layout, ...keys }: NpzConfig): Promise<ImageSource> {
  const array = await readNpz(file);
  const imagesKey = keys.imagesKey ?? usual.map(([images]) => images).find((key) => array.has(key)) ?? 'x';
  const named = (key: string) => ({ name: `${file}#${key}`, array: array(key) });
  const images = named(imagesKey);
  const count = images.array.shape[0];
  const labelsKey = keys.labelsKey ?? labelsBeside(imagesKey, count, array);
  const source = imagesOf(images, labelsKey === undefined ? undefined : named(labelsKey), layout);
  const taken = [
    ...(keys.imagesKey === undefined && imagesKey !== 'x' ? [`Images are the array "${imagesKey}"`] : []),
    ...(keys.labelsKey === undefined && labelsKey !== undefined
      ? [`Labels are the array "${labelsKey}"`]
      : []),
  ];
  const notes = taken.map((each) => `${each} of ${path.basename(file)}, which the spec does not name.`);
  return { ...source, notes };
}

/** An array of labels that goes with these images by its name and its shape. */
function labelsBeside(imagesKey: string, count: number, array: NpzArchive): string | undefined {
  const paired = usual.filter(([images]) => images === imagesKey).map(([, labels]) => labels);
  return [...paired, ...usualLabels].find((key) => {
    if (!array.has(key)) return false;
    const { shape } = array(key);
    return shape.length <= 2 && shape[0] === count;
  });
}
