import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { GauntletError, type ImageSource, reasonOf } from '@gauntlet/api';
import { decodeJpeg } from './decode-jpeg.js';
import { decodePng } from './decode-png.js';
import type { RawImage } from './raw-image.js';
import { assertFile, wrongFile } from './read-bytes.js';

/** A folder with one sub-folder per class (sorted by name, class 0 first), holding PNG and JPEG files. */
export function readFolder(config: { path: string; channels?: 1 | 3 }): ImageSource {
  const list = (folder: string) => {
    try {
      return readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
    } catch (error) {
      throw new GauntletError(
        'dataset-missing',
        `The dataset folder ${folder} cannot be read (${reasonOf(error)}).`,
      );
    }
  };
  const classNames = list(config.path)
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);
  const files = classNames.flatMap((name, label) =>
    list(path.join(config.path, name))
      .filter((entry) => /\.(png|jpe?g)$/i.test(entry.name))
      .map((entry) => ({ label, file: path.join(config.path, name, entry.name) })),
  );
  if (files.length === 0) {
    throw wrongFile(config.path, 'one sub-folder per class with PNG or JPEG files', 'no image');
  }
  const first = decodeImage(files[0].file, config.channels);
  return {
    count: files.length,
    shape: first.shape,
    labels: Int32Array.from(files, ({ label }) => label),
    classNames,
    pixels(i) {
      const { file } = files[i];
      const image = decodeImage(file, first.shape[2]);
      if (image.shape.join() !== first.shape.join()) {
        throw wrongFile(
          file,
          `an image of [${first.shape.join(', ')}] like ${files[0].file}`,
          `[${image.shape.join(', ')}]`,
        );
      }
      return image.pixels;
    },
  };
}

function decodeImage(
  file: string,
  channels?: number,
): { shape: [number, number, number]; pixels: Uint8Array } {
  assertFile(file);
  try {
    const bytes = readFileSync(file);
    const raw = /\.png$/i.test(file) ? decodePng(bytes) : decodeJpeg(bytes);
    return convert(raw, channels ?? (raw.gray ? 1 : 3));
  } catch (error) {
    throw new GauntletError(
      'dataset-format',
      `The image ${file} cannot be decoded (${reasonOf(error)}). Save it again, or take it out of the folder.`,
      { cause: error },
    );
  }
}

/** Drops alpha; gray to colour by repetition, colour to gray by ITU-R BT.601 luma. */
function convert({ width, height, data, channels, gray }: RawImage, wanted: number) {
  const pixels = new Uint8Array(width * height * wanted);
  for (let i = 0; i < width * height; i++) {
    const at = i * channels;
    const [r, g, b] = gray ? [data[at], data[at], data[at]] : [data[at], data[at + 1], data[at + 2]];
    if (wanted === 1) pixels[i] = gray ? r : Math.round(0.299 * r + 0.587 * g + 0.114 * b);
    else pixels.set([r, g, b], i * 3);
  }
  return { shape: [height, width, wanted] as [number, number, number], pixels };
}
