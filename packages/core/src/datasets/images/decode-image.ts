import { readFileSync } from 'node:fs';
import { GauntletError, reasonOf } from '@gauntlet/api';
import { assertFile } from '../read-bytes.js';
import { type CheckedPng, checkPng } from './check-png.js';
import { mostPixels, type RawImage } from './raw-image.js';
import { readBmp } from './read-bmp.js';

/** By the first bytes, whatever the name says. */
const signatures: Record<string, RegExp> = {
  PNG: /^\x89PNG/,
  JPEG: /^\xff\xd8\xff/,
  GIF: /^GIF8/,
  WebP: /^RIFF[^]{4}WEBP/,
  TIFF: /^(II\*\0|MM\0\*)/,
  BMP: /^BM/,
};
const readable = 'PNG, JPEG, WebP, TIFF, GIF or BMP';

/** What an image file may be called. */
export const isImageName = (name: string): boolean =>
  !name.startsWith('.') && /\.(png|jpe?g|webp|tiff?|gif|bmp)$/i.test(name);

/** A block of 8 × 8 pixels takes a bit of a JPEG at least, and up to two blocks can share one. */
const pixelsPerByte = 8 * 64 * 2;
/** Each scan goes over the whole image; encoders write ten or so. */
const mostScans = 200;

/**
 * The pixels of an image file: what `decodeBytes` gives.
 * @throws GauntletError `dataset-format`
 */
export async function decodeImage(file: string, exif: boolean): Promise<RawImage> {
  assertFile(file);
  return decodeBytes(file, () => readFileSync(file), exif);
}

/**
 * The pixels of an encoded image that messages call `name`, upright as its EXIF orientation says unless `exif` is false, without transparency; of
 * several frames the first.
 * @throws GauntletError `dataset-format`
 */
export async function decodeBytes(name: string, read: () => Uint8Array, exif: boolean): Promise<RawImage> {
  const sharp = await library();
  try {
    const file = read();
    const format = formatOf(file);
    if (format === 'BMP') return readBmp(file);
    const { bytes, palette } = checked(format, file);
    const image = sharp(bytes, { failOn: 'warning', ignoreIcc: true, limitInputPixels: mostPixels });
    const { width, height, space } = await image.metadata();
    if (format === 'JPEG' && width * height > pixelsPerByte * bytes.length)
      throw new Error(
        `it promises more than the ${pixelsPerByte * bytes.length} pixels that its ${bytes.length} bytes can hold`,
      );
    if (exif) image.autoOrient();
    if (space === 'b-w' || space === 'grey16') image.toColourspace('b-w');
    if (space === 'cmyk') image.pipelineColourspace('cmyk').toColourspace('cmyk');
    const { data, info } = await image
      .removeAlpha()
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    const decoded = { width: info.width, height: info.height, channels: info.channels as 1 | 3, data };
    if (space === 'cmyk') return { ...decoded, channels: 3, data: withoutInks(data) };
    return palette ? coloured(decoded, palette) : decoded;
  } catch (error) {
    throw new GauntletError(
      'dataset-format',
      `The image ${name} cannot be decoded (${reasonOf(error).split('\n')[0].trim()}). Save it again, or take it out of the data.`,
      { cause: error },
    );
  }
}

function formatOf(bytes: Uint8Array): string {
  const head = Buffer.from(bytes.subarray(0, 12)).toString('latin1');
  const format = Object.keys(signatures).find((name) => signatures[name].test(head));
  if (format === undefined) throw new Error(`it does not begin like ${readable}`);
  return format;
}

/** What the decoder gets; throws where it would read more than is there. */
function checked(format: string, bytes: Uint8Array): CheckedPng {
  if (format === 'PNG') return checkPng(bytes);
  if (format === 'JPEG') {
    let scans = 0;
    for (let i = 0; i + 1 < bytes.length; i++) if (bytes[i] === 0xff && bytes[i + 1] === 0xda) scans++;
    if (scans > mostScans)
      throw new Error(`it goes over its pixels ${scans} times; ${mostScans} are the most`);
  }
  return { bytes };
}

/** Of cyan, magenta, yellow and black what is left of red, green and blue, without a profile, as Pillow has it: (255 − c) (255 − k) / 255. */
function withoutInks(inks: Uint8Array): Uint8Array {
  const rgb = new Uint8Array((inks.length / 4) * 3);
  for (let pixel = 0; pixel < inks.length / 4; pixel++) {
    const light = 255 - inks[4 * pixel + 3];
    for (let i = 0; i < 3; i++) rgb[3 * pixel + i] = light - Math.round((inks[4 * pixel + i] * light) / 255);
  }
  return rgb;
}

/** Colours of a palette in place of their indices. */
function coloured(
  { width, height, data }: RawImage,
  { colours, levels }: NonNullable<CheckedPng['palette']>,
): RawImage {
  const out = new Uint8Array(3 * data.length);
  for (let i = 0; i < data.length; i++) {
    const index = Math.round((data[i] * levels) / 255);
    if (3 * index >= colours.length)
      throw new Error(`a pixel has colour ${index} of a palette of ${Math.floor(colours.length / 3)}`);
    out.set(colours.subarray(3 * index, 3 * index + 3), 3 * i);
  }
  return { width, height, channels: 3, data: out };
}

/** libvips starts when the first image is read: other datasets do not wait for it. */
async function library() {
  const { default: sharp } = await import('sharp');
  // Every image is read once, and workers share the cores already.
  sharp.cache(false);
  sharp.concurrency(1);
  return sharp;
}
