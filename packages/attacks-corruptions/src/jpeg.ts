import { GauntletError, reasonOf } from '@gauntlet/api';
import { mapValues, type Picture } from './picture.js';

/** Compressed as JPEG (baseline, 4:2:0) at a quality of 1 … 100, and read again. */
export async function throughJpeg(picture: Picture, quality: number): Promise<Picture> {
  const { height, width, channels } = picture;
  const { default: sharp } = await import('sharp').catch((error: unknown) => {
    throw new GauntletError(
      'attack-params',
      `The corruption "jpeg-compression" needs the package sharp, which cannot be loaded here (${reasonOf(error)}). Install it, or leave this kind out of "kinds".`,
      { cause: error },
    );
  });
  const bytes = Uint8Array.from(picture.values, (value) => Math.round(value * 255));
  const raw = { width, height, channels: channels as 1 | 3 };
  const compressed = await sharp(bytes, { raw })
    .toColourspace(channels === 1 ? 'b-w' : 'srgb')
    .jpeg({ quality, chromaSubsampling: '4:2:0' })
    .toBuffer();
  const decoded = await sharp(compressed)
    .toColourspace(channels === 1 ? 'b-w' : 'srgb')
    .raw()
    .toBuffer();
  return mapValues(picture, (_, i) => decoded[i]! / 255);
}
