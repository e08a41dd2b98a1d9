import type { CorruptionContext } from '@gauntlet/api';
import { assertColours } from './colour.js';
import { clipped, type Picture } from './picture.js';

type Units = Pick<CorruptionContext<unknown>, 'shape' | 'bounds'>;

/** An image in the victim's bounds as a picture in 0 … 1. */
export function pictureOf(image: Float32Array, { shape, bounds: [low, high] }: Units): Picture {
  const [height, width, channels] = shape;
  assertColours(channels);
  return {
    height,
    width,
    channels,
    values: Float64Array.from(image, (value) => (value - low) / (high - low)),
  };
}

/** And back. */
export const imageOf = (picture: Picture, { bounds: [low, high] }: Units): Float32Array =>
  Float32Array.from(clipped(picture).values, (value) =>
    Math.min(high, Math.max(low, low + value * (high - low))),
  );
