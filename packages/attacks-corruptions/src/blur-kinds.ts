// Blur of Hendrycks & Dietterich, ICLR 2019.
import { filter2d, gaussianFilter, gaussianWeights, mirrored, nearest } from './filters.js';
import { kindOf } from './kind.js';
import { motionBlur } from './motion.js';
import { clipped, like, mapValues, type Picture, plane } from './picture.js';
import { clippedZoom } from './resample.js';

/** A disk of a radius, its edge softened by a Gaussian: what a point becomes out of focus. */
function disk(radius: number, softening: number): Picture {
  const reach = radius <= 8 ? 8 : radius;
  const flat = plane(2 * reach + 1, 2 * reach + 1, (y, x) =>
    Number((x - reach) ** 2 + (y - reach) ** 2 <= radius ** 2),
  );
  const sum = flat.values.reduce((a, b) => a + b, 0);
  const weights = gaussianWeights(softening, radius <= 8 ? 1 : 2);
  const soft = plane(weights.length, weights.length, (y, x) => weights[y]! * weights[x]!);
  return filter2d(
    mapValues(flat, (value) => value / sum),
    soft,
    mirrored,
  );
}

export const defocusBlur = kindOf<readonly [radius: number, softening: number]>(
  ([radius, softening]) =>
    (picture) =>
      clipped(filter2d(picture, disk(radius, softening), mirrored)),
  [
    [0.3, 0.4],
    [0.4, 0.5],
    [0.5, 0.6],
    [1, 0.2],
    [1.5, 0.1],
  ],
  [
    [3, 0.1],
    [4, 0.5],
    [6, 0.5],
    [8, 0.5],
    [10, 0.5],
  ],
);

const soften = (picture: Picture, sigma: number) => gaussianFilter(picture, [sigma, sigma], nearest, 4);

/**
 * Frosted glass: pixels are replaced by neighbours up to `reach` away, between two Gaussian filters. They are replaced and
 * not swapped, as the program does that made CIFAR-10-C and ImageNet-C, whose swap of two pixels of three channels loses one.
 */
export const glassBlur = kindOf<readonly [sigma: number, reach: number, rounds: number]>(
  ([sigma, reach, rounds]) =>
    (picture, stream) => {
      const { height, width, channels } = picture;
      const bytes = mapValues(soften(picture, sigma), (value) => Math.floor(value * 255 + 1e-9) / 255);
      const { values } = bytes;
      for (let round = 0; round < rounds; round++)
        for (let y = height - reach; y > reach; y--)
          for (let x = width - reach; x > reach; x--) {
            const dx = stream.integer(2 * reach) - reach;
            const dy = stream.integer(2 * reach) - reach;
            const from = ((y + dy) * width + x + dx) * channels;
            values.copyWithin((y * width + x) * channels, from, from + channels);
          }
      return clipped(soften(bytes, sigma));
    },
  [
    [0.05, 1, 1],
    [0.25, 1, 1],
    [0.4, 1, 1],
    [0.25, 1, 2],
    [0.4, 1, 2],
  ],
  [
    [0.7, 1, 2],
    [0.9, 2, 1],
    [1, 2, 3],
    [1.1, 3, 2],
    [1.5, 4, 2],
  ],
);

export const motion = kindOf<readonly [radius: number, sigma: number]>(
  ([radius, sigma]) =>
    (picture, stream) =>
      clipped(motionBlur(picture, radius, sigma, stream.uniform(-45, 45))),
  [
    [6, 1],
    [6, 1.5],
    [6, 2],
    [8, 2],
    [9, 2.5],
  ],
  [
    [10, 3],
    [15, 5],
    [15, 8],
    [15, 12],
    [20, 15],
  ],
);

/** The mean of the picture and of ever larger views of its middle, at 1, 1 + step, … below `end`. */
export const zoomBlur = kindOf<readonly [end: number, step: number]>(
  ([end, step]) =>
    (picture) => {
      const { height, width, channels } = picture;
      // As many as the published program takes, whose rounding lets some ends in.
      const count = Math.ceil((end - 1) / step);
      const sum = picture.values.slice();
      for (let i = 0; i < count; i++) {
        const layer = clippedZoom(picture, 1 + i * (1 + step - 1));
        for (let y = 0; y < height; y++)
          for (let x = 0; x < width * channels; x++)
            sum[y * width * channels + x]! += layer.values[y * layer.width * channels + x]!;
      }
      return clipped(
        like(
          picture,
          sum.map((value) => value / (count + 1)),
        ),
      );
    },
  [
    [1.06, 0.01],
    [1.11, 0.01],
    [1.16, 0.01],
    [1.21, 0.01],
    [1.26, 0.01],
  ],
  [
    [1.11, 0.01],
    [1.16, 0.01],
    [1.21, 0.02],
    [1.26, 0.02],
    [1.31, 0.03],
  ],
);
