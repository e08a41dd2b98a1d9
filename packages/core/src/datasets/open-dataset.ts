import { createHash } from 'node:crypto';
import {
  GauntletError,
  type ImageSource,
  type LabelSets,
  pickSets,
  type Pixels,
  Stream,
} from '@gauntlet/api';
import { loadPlugin, type PluginReference } from '../plugins/load-plugin.js';
import { readCifar10 } from './cifar10.js';
import { type CifarCConfig, readCifarC } from './cifar10-c.js';
import { type FolderConfig, readFolder } from './folder.js';
import { readIdxDataset } from './idx.js';
import { type NpyConfig, readNpyDataset } from './npy-images.js';
import { type NpzConfig, readNpzDataset } from './npz.js';
import { type ParquetConfig, readParquet } from './parquet.js';
import { readSvhn } from './svhn.js';

/** Where the images come from, with absolute paths. */
export type DatasetFormat =
  | { format: 'idx'; images: string; labels?: string }
  | { format: 'cifar10'; files: string[] }
  | ({ format: 'cifar10-c' } & CifarCConfig)
  | ({ format: 'npy' } & NpyConfig)
  | ({ format: 'npz' } & NpzConfig)
  | ({ format: 'parquet' } & ParquetConfig)
  | ({ format: 'folder' } & FolderConfig)
  | { format: 'svhn'; file: string }
  | { format: 'plugin'; plugin: PluginReference; params: Record<string, unknown> };

/** Which of them: classes first, then shuffle, skip and take; or exactly these indices. */
export interface Selection {
  take?: number;
  skip?: number;
  indices?: number[];
  classes?: number[];
  shuffle?: boolean;
}

export type DatasetConfig = DatasetFormat & Selection;

/** A selected slice. Sample indices are those of the whole dataset. */
export interface Dataset {
  imageShape: [number, number, number];
  indices: readonly number[];
  classNames?: readonly string[];
  /** What the reader found out, for the report. */
  notes: readonly string[];
  /** Labels of samples, or nothing for data without. */
  labels(indices: readonly number[]): Int32Array | undefined;
  /** Which of several labels are true of samples, or nothing for data with one label or none. */
  labelSets(indices: readonly number[]): LabelSets | undefined;
  /** [indices.length · h·w·c] float32 in the bounds, channels last. */
  images(indices: readonly number[], bounds: readonly [number, number]): Promise<Float32Array>;
  /** sha256 over pixels and labels of the slice; reads all of it. */
  hash(): Promise<string>;
  /** The same, and for each sample of the slice as of `sampleHashes`, in one reading. */
  hashes(): Promise<Hashes>;
  /** sha256 over pixels and label of single samples, the first 16 hexadecimal digits of each. */
  sampleHashes(indices: readonly number[]): Promise<string[]>;
}

interface Hashes {
  whole: string;
  samples: string[];
}

export async function openDataset(config: DatasetConfig, seed: number): Promise<Dataset> {
  const source = await readSource(config);
  const indices = select(source, config, seed);
  return {
    imageShape: source.shape,
    indices,
    classNames: source.classNames,
    notes: source.notes ?? [],
    labels: (wanted) => source.labels && Int32Array.from(wanted, (i) => source.labels![i]),
    labelSets: (wanted) => source.labelSets && pickSets(source.labelSets, wanted),
    images: (wanted, bounds) => scaleImages(source, wanted, bounds),
    hash: async () => (await hashSlice(source, indices)).whole,
    hashes: () => hashSlice(source, indices),
    sampleHashes: async (wanted) => (await hashSlice(source, wanted)).samples,
  };
}

async function readSource(config: DatasetConfig): Promise<ImageSource> {
  switch (config.format) {
    case 'idx':
      return readIdxDataset(config);
    case 'cifar10':
      return readCifar10(config);
    case 'cifar10-c':
      return readCifarC(config);
    case 'parquet':
      return readParquet(config);
    case 'npy':
      return readNpyDataset(config);
    case 'npz':
      return readNpzDataset(config);
    case 'folder':
      return readFolder(config);
    case 'svhn':
      return readSvhn(config);
    case 'plugin': {
      const plugin = await loadPlugin('dataset', config.plugin);
      return plugin.load(config.params);
    }
  }
}

function select(source: ImageSource, config: Selection, seed: number): number[] {
  if (config.indices) {
    const outside = config.indices.find((i) => i >= source.count);
    if (outside !== undefined) {
      throw new GauntletError(
        'dataset-selection',
        `The dataset has ${source.count} images; index ${outside} is not among them.`,
      );
    }
    return [...config.indices];
  }
  let indices = Array.from({ length: source.count }, (_, i) => i);
  if (config.classes) {
    const { labels, labelSets } = source;
    if (!labels)
      throw new GauntletError(
        'dataset-selection',
        labelSets
          ? 'A class filter needs one label for each image, and this dataset has several. Choose images by "indices".'
          : 'A class filter needs labels, and this dataset has none.',
      );
    indices = indices.filter((i) => config.classes!.includes(labels[i]));
  }
  if (config.shuffle)
    indices = Array.from(new Stream(seed, 'dataset-shuffle').permutation(indices.length), (i) => indices[i]);
  const { skip = 0, take = Infinity } = config;
  indices = indices.slice(skip, skip + take);
  if (indices.length === 0 || (take !== Infinity && indices.length < take)) {
    throw new GauntletError(
      'dataset-selection',
      `The selection asks for ${take === Infinity ? 'images' : `${take} images`} and gets ${indices.length}: the dataset has ${source.count}` +
        `${config.classes ? ` before the class filter` : ''}${skip ? ` and ${skip} are skipped` : ''}.`,
    );
  }
  return indices;
}

/** Images that are decoded side by side. */
const atOnce = 8;

/** Hands over the pixels of each image, in order. */
async function forEachImage(
  source: ImageSource,
  wanted: readonly number[],
  take: (pixels: Pixels, index: number, row: number) => void,
): Promise<void> {
  for (let from = 0; from < wanted.length; from += atOnce) {
    const some = wanted.slice(from, from + atOnce);
    const all = await Promise.all(some.map(async (index) => source.pixels(index)));
    all.forEach((pixels, i) => take(pixels, some[i], from + i));
  }
}

async function scaleImages(
  source: ImageSource,
  wanted: readonly number[],
  [low, high]: readonly [number, number],
): Promise<Float32Array> {
  const [h, w, c] = source.shape;
  const size = h * w * c;
  const out = new Float32Array(wanted.length * size);
  await forEachImage(source, wanted, (pixels, index, row) => {
    if (pixels instanceof Uint8Array) {
      for (let i = 0; i < size; i++) out[row * size + i] = low + (pixels[i] / 255) * (high - low);
      return;
    }
    const outside = pixels.findIndex((value) => !(value >= low && value <= high));
    if (outside >= 0) {
      throw new GauntletError(
        'dataset-bounds',
        `Image ${index} has the value ${pixels[outside]}, outside the victim's bounds [${low}, ${high}]. Set victim.bounds to the range of the data.`,
      );
    }
    out.set(pixels, row * size);
  });
  return out;
}

async function hashSlice(source: ImageSource, indices: readonly number[]): Promise<Hashes> {
  const whole = createHash('sha256');
  const labels = source.labels && Int32Array.from(indices, (i) => source.labels![i]);
  // Labels that say the same as `labels` do are no further content.
  const sets = labels ? undefined : source.labelSets && pickSets(source.labelSets, indices);
  const samples: string[] = [];
  await forEachImage(source, indices, (pixels, _, i) => {
    const bytes = new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.byteLength);
    whole.update(bytes);
    const one = createHash('sha256').update(bytes);
    if (labels) one.update(labels.subarray(i, i + 1));
    if (sets) one.update(sets.values.subarray(i * sets.width, (i + 1) * sets.width));
    samples.push(one.digest('hex').slice(0, 16));
  });
  if (labels) whole.update(labels);
  if (sets) whole.update(sets.values);
  return { whole: whole.digest('hex'), samples };
}
