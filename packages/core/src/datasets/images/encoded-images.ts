import { GauntletError, type ImageSource, reasonOf } from '@gauntlet/api';
import { wrongFile } from '../read-bytes.js';
import { fit, type Fitting } from './fit.js';
import type { RawImage } from './raw-image.js';

/** Images that are decoded when they are asked for, one size and as many channels as the first has. */
export async function encodedImages<T extends { name: string }>(
  images: readonly T[],
  decode: (image: T) => Promise<RawImage>,
  fitting: Fitting,
): Promise<Pick<ImageSource, 'count' | 'shape' | 'pixels'>> {
  const read = async (image: T, how: Fitting) => {
    const decoded = await decode(image);
    try {
      return fit(decoded, how);
    } catch (error) {
      throw new GauntletError('dataset-format', `The image ${image.name}: ${reasonOf(error)}.`, {
        cause: error,
      });
    }
  };
  const { height, width, channels } = await read(images[0], fitting);
  return {
    count: images.length,
    shape: [height, width, channels],
    async pixels(i) {
      const image = await read(images[i], { ...fitting, channels });
      if (image.height !== height || image.width !== width)
        throw wrongFile(
          images[i].name,
          `an image of [${height}, ${width}, ${channels}] like ${images[0].name}`,
          `[${image.height}, ${image.width}, ${channels}]; "resize" and "centerCrop" make them equal`,
        );
      return image.data;
    },
  };
}
