import type { ImageSource } from '@gauntlet/api';
import { imagesOf, type NpyArray, parseNpy } from './npy.js';
import { readBytes, wrongFile } from './read-bytes.js';
import { ZipArchive } from './zip.js';

/** The arrays of a .npz archive by name; asking for one that is not there is an error. */
export interface NpzArchive {
  (key: string): NpyArray;
  has(key: string): boolean;
}

/** Opens an archive; an array is unpacked when it is asked for. */
export async function readNpz(file: string): Promise<NpzArchive> {
  const archive = new ZipArchive(file, await readBytes(file));
  const read = (key: string) => {
    if (!archive.has(`${key}.npy`)) {
      const names = archive.names.map((name) => name.replace(/\.npy$/, ''));
      throw wrongFile(file, `an array "${key}"`, names.join(', ') || 'none');
    }
    return parseNpy(`${file}#${key}`, archive.read(`${key}.npy`));
  };
  return Object.assign(read, { has: (key: string) => archive.has(`${key}.npy`) });
}

export async function readNpzDataset(config: {
  file: string;
  imagesKey: string;
  labelsKey?: string;
}): Promise<ImageSource> {
  const array = await readNpz(config.file);
  const labels = config.labelsKey ? array(config.labelsKey) : undefined;
  return imagesOf(
    `${config.file}#${config.imagesKey}`,
    array(config.imagesKey),
    `${config.file}#${config.labelsKey}`,
    labels,
  );
}
