// "Digital" corruptions of Hendrycks & Dietterich, ICLR 2019.
import { brighter } from './colour.js';
import { elasticOfCifar, elasticOfImageNet } from './elastic.js';
import { throughJpeg } from './jpeg.js';
import { type Kind, kindOf } from './kind.js';
import { clipped, mapValues, type Picture } from './picture.js';
import { boxResize, nearestResize } from './resample.js';

export const brightness = kindOf<number>(
  (change) => (picture) => brighter(picture, change),
  [0.05, 0.1, 0.15, 0.2, 0.3],
  [0.1, 0.2, 0.3, 0.4, 0.5],
);

/** Each channel's distance from its mean, times a factor. */
export function scaleContrast(picture: Picture, factor: number): Picture {
  const { channels, values } = picture;
  const means = new Float64Array(channels);
  values.forEach((value, i) => (means[i % channels]! += (value * channels) / values.length));
  return clipped(
    mapValues(picture, (value, i) => (value - means[i % channels]!) * factor + means[i % channels]!),
  );
}

export const contrast = kindOf<number>(
  (factor) => (picture) => scaleContrast(picture, factor),
  [0.75, 0.5, 0.4, 0.3, 0.15],
  [0.4, 0.3, 0.2, 0.1, 0.05],
);

/** Down to a share of the size and up again. */
export const pixelate = kindOf<number>(
  (share) => (picture) => {
    const { height, width } = picture;
    const small = boxResize(picture, Math.floor(height * share), Math.floor(width * share));
    return nearestResize(small, height, width);
  },
  [0.95, 0.9, 0.85, 0.75, 0.65],
  [0.6, 0.5, 0.4, 0.3, 0.25],
);

export const jpegCompression = kindOf<number>(
  (quality) => (picture) => throughJpeg(picture, quality),
  [80, 65, 58, 50, 40],
  [25, 18, 15, 10, 7],
);

export const elasticTransform: Kind = {
  severities: {
    cifar: (
      [
        [0, 0, 0.08],
        [0.05, 0.2, 0.07],
        [0.08, 0.06, 0.06],
        [0.1, 0.04, 0.05],
        [0.1, 0.03, 0.03],
      ] as const
    ).map(elasticOfCifar),
    imagenet: [12.5, 16.25, 21.25, 25, 30].map(elasticOfImageNet),
  },
};
