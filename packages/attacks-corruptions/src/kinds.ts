import { defocusBlur, glassBlur, motion, zoomBlur } from './blur-kinds.js';
import { brightness, contrast, elasticTransform, jpegCompression, pixelate } from './digital-kinds.js';
import type { Kind } from './kind.js';
import { gaussianNoise, impulseNoise, shotNoise } from './noise-kinds.js';
import { fog, frost, snow } from './weather-kinds.js';

/** In the order of the paper. */
export const kinds = {
  'gaussian-noise': gaussianNoise,
  'shot-noise': shotNoise,
  'impulse-noise': impulseNoise,
  'defocus-blur': defocusBlur,
  'glass-blur': glassBlur,
  'motion-blur': motion,
  'zoom-blur': zoomBlur,
  snow,
  frost,
  fog,
  brightness,
  contrast,
  'elastic-transform': elasticTransform,
  pixelate,
  'jpeg-compression': jpegCompression,
} as const satisfies Record<string, Kind>;

export type KindName = keyof typeof kinds;
export const kindNames = Object.keys(kinds) as [KindName, ...KindName[]];
