// Weather of Hendrycks & Dietterich, ICLR 2019. Frost is not theirs: see `frost`.
import type { Stream } from '@gauntlet/api';
import { grey } from './colour.js';
import { kindOf } from './kind.js';
import { motionBlur } from './motion.js';
import { addLayer, clipped, like, mapValues, type Picture, plane } from './picture.js';
import { plasma } from './plasma.js';
import { clippedZoom, crop } from './resample.js';

interface Snow {
  /** Of the flakes before the threshold. */
  mean: number;
  deviation: number;
  zoom: number;
  threshold: number;
  radius: number;
  sigma: number;
  /** Weight of the picture beside its whitened self. */
  picture: number;
}

const snowOf = ([mean, deviation, zoom, threshold, radius, sigma, picture]: readonly [
  number,
  number,
  number,
  number,
  number,
  number,
  number,
]): Snow => ({ mean, deviation, zoom, threshold, radius, sigma, picture });

/** Flakes: zoomed noise above a threshold, moved along a steep line, and once more upside down, on a whitened picture. */
export const snow = kindOf<Snow>(
  (c) => (picture, stream) => {
    const { height, width, channels } = picture;
    const noise = plane(height, width, () => c.mean + c.deviation * stream.normal());
    const flakes = clipped(
      mapValues(clippedZoom(noise, c.zoom), (value) => (value < c.threshold ? 0 : value)),
    );
    const moved = crop(motionBlur(flakes, c.radius, c.sigma, stream.uniform(-135, -45)), 0, 0, height, width);
    const layer = mapValues(moved, (value) => Math.round(value * 255) / 255);
    const both = like(
      layer,
      layer.values.map((value, i) => value + layer.values.at(-1 - i)!),
    );
    const light = grey(picture);
    const white = mapValues(picture, (value, i) => {
      const whitened = Math.max(value, 1.5 * light[Math.floor(i / channels)]! + 0.5);
      return c.picture * value + (1 - c.picture) * whitened;
    });
    return clipped(addLayer(white, both));
  },
  (
    [
      [0.1, 0.2, 1, 0.6, 8, 3, 0.95],
      [0.1, 0.2, 1, 0.5, 10, 4, 0.9],
      [0.15, 0.3, 1.75, 0.55, 10, 4, 0.9],
      [0.25, 0.3, 2.25, 0.6, 12, 6, 0.85],
      [0.3, 0.3, 1.25, 0.65, 14, 12, 0.8],
    ] as const
  ).map(snowOf),
  (
    [
      [0.1, 0.3, 3, 0.5, 10, 4, 0.8],
      [0.2, 0.3, 2, 0.5, 12, 4, 0.7],
      [0.55, 0.3, 4, 0.9, 12, 8, 0.7],
      [0.55, 0.3, 4.5, 0.85, 12, 8, 0.65],
      [0.55, 0.3, 2.5, 0.85, 12, 12, 0.55],
    ] as const
  ).map(snowOf),
);

/** A cloud over the picture, in proportion to its brightest value m: (x + c·cloud)·m/(m + c). */
export const fog = kindOf<readonly [thickness: number, decay: number]>(
  ([thickness, decay]) =>
    (picture, stream) => {
      const brightest = picture.values.reduce((a, b) => Math.max(a, b), 0);
      const cloud = plasma(picture.height, picture.width, decay, stream);
      const thick = addLayer(
        picture,
        mapValues(cloud, (value) => thickness * value),
      );
      return clipped(mapValues(thick, (value) => (value * brightest) / (brightest + thickness)));
    },
  [
    [0.2, 3],
    [0.5, 3],
    [0.75, 2.5],
    [1, 2],
    [1.5, 1.75],
  ],
  [
    [1.5, 2],
    [2, 2],
    [2.5, 1.7],
    [2.5, 1.5],
    [3, 1.4],
  ],
);

/** What the ice adds to red, green and blue, as it does in photographs of frosted windows. */
const ice = [0.89, 1.01, 1.1];

/**
 * Ice over the picture: a·x + b·ice, with the published weights. The published corruption lays parts of six photographs over the
 * picture; here the ice is drawn, veins along the level lines of two clouds, so that results are not comparable
 * with those of CIFAR-10-C and ImageNet-C.
 */
export const frost = kindOf<readonly [picture: number, ice: number]>(
  ([share, weight]) =>
    (picture, stream) => {
      const { width, channels } = picture;
      const layer = iceLayer(picture, stream);
      return clipped(
        mapValues(picture, (value, i) => {
          const pixel = Math.floor(i / channels);
          const tint = channels === 3 ? ice[i % 3]! : 1;
          return (
            share * value + weight * tint * layer.values[Math.floor(pixel / width) * width + (pixel % width)]!
          );
        }),
      );
    },
  [
    [1, 0.2],
    [1, 0.3],
    [0.9, 0.4],
    [0.85, 0.4],
    [0.75, 0.45],
  ],
  [
    [1, 0.4],
    [0.8, 0.6],
    [0.7, 0.7],
    [0.65, 0.7],
    [0.6, 0.75],
  ],
);

/** [height,width], around a brightness and of a contrast as those photographs have. */
function iceLayer({ height, width }: Picture, stream: Stream): Picture {
  const level = stream.uniform(0.45, 0.83);
  const [fine, coarse] = [plasma(height, width, 1.6, stream), plasma(height, width, 2.2, stream)];
  const veins = (value: number) => 1 - Math.abs(2 * value - 1);
  return plane(height, width, (y, x) => {
    const [f, c] = [fine.values[y * width + x]!, coarse.values[y * width + x]!];
    // 0.44 is the mean of what is beside it.
    return level + 1.2 * (0.45 * veins(c) * (0.5 + f) + 0.25 * c - 0.44);
  });
}
