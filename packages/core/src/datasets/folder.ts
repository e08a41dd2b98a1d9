import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { decode as decodePng } from 'fast-png';
import jpeg from 'jpeg-js';
import { GauntletError, type ImageSource, reasonOf } from '@gauntlet/api';
import { wrongFile } from './read-bytes.js';

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
  try {
    const bytes = readFileSync(file);
    const raw = /\.png$/i.test(file)
      ? pngPixels(bytes)
      : { ...jpeg.decode(bytes, { useTArray: true }), channels: 4, gray: false };
    return convert(raw, channels ?? (raw.gray ? 1 : 3));
  } catch (error) {
    throw new GauntletError('dataset-format', `The image ${file} cannot be decoded (${reasonOf(error)}).`);
  }
}

interface Raw {
  width: number;
  height: number;
  data: ArrayLike<number>;
  channels: number;
  gray: boolean;
}

function pngPixels(bytes: Uint8Array): Raw {
  const { width, height, data, channels, depth, palette } = decodePng(bytes);
  if (palette) {
    const colours = Uint8Array.from([...data].flatMap((index) => palette[index].slice(0, 3)));
    return { width, height, data: colours, channels: 3, gray: false };
  }
  if (depth < 8) throw new Error(`${depth}-bit PNG; save it with 8 bits`);
  const bytesOnly = depth === 16 ? Uint8Array.from(data, (value) => value >> 8) : data;
  return { width, height, data: bytesOnly, channels, gray: channels < 3 };
}

/** Drops alpha; gray to colour by repetition, colour to gray by ITU-R BT.601 luma. */
function convert({ width, height, data, channels, gray }: Raw, wanted: number) {
  const pixels = new Uint8Array(width * height * wanted);
  for (let i = 0; i < width * height; i++) {
    const at = i * channels;
    const [r, g, b] = gray ? [data[at], data[at], data[at]] : [data[at], data[at + 1], data[at + 2]];
    if (wanted === 1) pixels[i] = gray ? r : Math.round(0.299 * r + 0.587 * g + 0.114 * b);
    else pixels.set([r, g, b], i * 3);
  }
  return { shape: [height, width, wanted] as [number, number, number], pixels };
}
