import path from 'node:path';
import { GauntletError, type ImageOrder } from '@gauntlet/api';
import { type Dataset, loadDataset, openDataset, readNpz } from '@gauntlet/core';
import { builtIn, packages } from '../built-in.js';

/** Where the command line says that data lies. */
export interface DataOptions {
  images?: string;
  labels?: string;
  folder?: string;
  cifar10?: string;
}

/** The dataset section of a spec; `from` writes a path as the spec has it. Nothing if no data is named. */
export async function namedData(
  options: DataOptions,
  from: (file: string) => string,
  cwd: string,
): Promise<object | undefined> {
  const { images, labels, folder, cifar10 } = options;
  if (images?.endsWith('.npz')) {
    const has = (await readNpz(path.resolve(cwd, images))).has('y');
    return { format: 'npz', file: from(images), ...(has && { labelsKey: 'y' }) };
  }
  if (images !== undefined)
    return {
      format: images.endsWith('.npy') ? 'npy' : 'idx',
      images: from(images),
      ...(labels !== undefined && { labels: from(labels) }),
    };
  // The files of a folder come class by class.
  if (folder !== undefined) return { format: 'folder', path: from(folder), shuffle: true };
  return cifar10 === undefined ? undefined : { format: 'cifar10', files: from(cifar10) };
}

/**
 * The data of a spec in a folder, all of it, and its section: with `layout: nchw` for an array that can be images only if
 * channels come first, as PyTorch has them.
 */
export async function openData<Section extends object>(
  section: Section,
  folder: string,
): Promise<{ data: Dataset; dataset: Section & { layout?: ImageOrder } }> {
  const plugins = { builtIn: await builtIn(), packages };
  const open = async (one: object) =>
    openDataset((await loadDataset(JSON.stringify(one), folder, plugins)).config, 1);
  try {
    return { data: await open(section), dataset: section };
  } catch (error) {
    if (!(error instanceof GauntletError) || error.code !== 'dataset-format') throw error;
    const dataset = { ...section, layout: 'nchw' as const };
    const data = await open(dataset).catch(() => Promise.reject(error));
    return { data, dataset };
  }
}

const usual: readonly [number, number][] = [
  [0, 1],
  [-1, 1],
  [0, 255],
];

/** The range of the first images; that of 8-bit images is free, and [0, 1] then. */
export async function boundsOf(data: Dataset): Promise<[number, number]> {
  const some = data.indices.slice(0, 200);
  try {
    await data.images(some, [0, 1]);
    return [0, 1];
  } catch (error) {
    if (!(error instanceof GauntletError) || error.code !== 'dataset-bounds') throw error;
  }
  let [low, high] = [Infinity, -Infinity];
  for (const value of await data.images(some, [-Number.MAX_VALUE, Number.MAX_VALUE])) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return usual.find((one) => one[0] <= low && high <= one[1]) ?? [low, high];
}
