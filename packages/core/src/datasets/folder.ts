import { type Dirent, existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { GauntletError, type ImageSource, reasonOf } from '@gauntlet/api';
import { readClassIndex } from './class-index.js';
import { decodeImage, isImageName } from './images/decode-image.js';
import { encodedImages } from './images/encoded-images.js';
import type { Fitting } from './images/fit.js';
import { wrongFile } from './read-bytes.js';

export interface FolderConfig extends Fitting {
  path: string;
  /** File that says which class each sub-folder is. */
  classIndex?: string;
  /** Whether photos are turned upright; true by default. */
  exif?: boolean;
}

/** A folder with one sub-folder per class, sorted by name, class 0 first, where no class index says otherwise. */
export async function readFolder(config: FolderConfig): Promise<ImageSource> {
  const names = entries(config.path)
    .filter((entry) => isFolder(entry, config.path))
    .map(({ name }) => name);
  const index = indexOf(config);
  const files = names.flatMap((name) => {
    const images = entries(path.join(config.path, name))
      .filter((entry) => isImageName(entry.name))
      .map((entry) => path.join(config.path, name, entry.name));
    if (images.length === 0 && !index) checkImages(config.path, name, names.length);
    // An index may name classes of which there is no image, but no class is a folder of folders.
    if (images.length === 0 && index) checkDepth(config.path, name);
    return images.map((file) => ({ file, label: labelOf(name, names, index) }));
  });
  if (files.length === 0)
    throw wrongFile(config.path, 'one sub-folder per class with images (PNG, JPEG, …)', 'no image');
  const decode = ({ file }: { file: string }) => decodeImage(file, config.exif ?? true);
  return {
    ...(await encodedImages(
      files.map((each) => ({ ...each, name: each.file })),
      decode,
      config,
    )),
    labels: Int32Array.from(files, ({ label }) => label),
    classNames: index ? namesOf(index) : names,
  };
}

function entries(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    throw new GauntletError(
      'dataset-missing',
      `The dataset folder ${folder} cannot be read (${reasonOf(error)}).`,
    );
  }
}

/** Notebooks and archives of other systems leave folders behind that are no class. */
const isFolder = (entry: Dirent, at: string): boolean =>
  !/^(\.|__)/.test(entry.name) &&
  (entry.isDirectory() ||
    (entry.isSymbolicLink() &&
      statSync(path.join(at, entry.name), { throwIfNoEntry: false })?.isDirectory() === true));

const indexFiles = ['class_to_idx.json', 'imagenet_class_index.json'];

function indexOf({ path: folder, classIndex }: FolderConfig): Map<string, number> | undefined {
  const beside = indexFiles.map((name) => path.join(folder, name)).find(existsSync);
  const file = classIndex ?? beside;
  return file === undefined ? undefined : readClassIndex(file);
}

function labelOf(name: string, names: readonly string[], index?: ReadonlyMap<string, number>): number {
  if (!index) return names.indexOf(name);
  const label = index.get(name);
  if (label !== undefined) return label;
  throw new GauntletError(
    'dataset-labels',
    `The class index does not name the sub-folder "${name}". It has ${[...index.keys()].slice(0, 5).join(', ')}, …`,
  );
}

/** Of each class the first name. */
function namesOf(index: ReadonlyMap<string, number>): string[] {
  const names: string[] = [];
  for (const [name, label] of index) names[label] ??= name;
  return Array.from(names, (name, label) => name ?? String(label));
}

/** A sub-folder without images would count as a class, and every class after it would have another number. */
function checkImages(folder: string, name: string, classes: number): void {
  checkDepth(folder, name);
  if (classes > 1)
    throw wrongFile(
      folder,
      'images in every sub-folder, since each is a class',
      `none in "${name}"; take it away, or say with "classIndex" which class each sub-folder is`,
    );
}

function checkDepth(folder: string, name: string): void {
  const inside = path.join(folder, name);
  const foldersIn = (each: string) => entries(each).filter((entry) => isFolder(entry, each));
  let [classes, deeper] = [inside, foldersIn(inside)];
  if (deeper.length === 0) return;
  // Down to the folder whose own sub-folders have no more folders in them.
  for (;;) {
    const first = path.join(classes, deeper[0].name);
    const below = foldersIn(first);
    if (below.length === 0) break;
    [classes, deeper] = [first, below];
  }
  throw wrongFile(
    folder,
    'images in every sub-folder, since each is a class',
    `more folders in "${name}"; name the one whose sub-folders are the classes, such as path: ${classes}`,
  );
}
