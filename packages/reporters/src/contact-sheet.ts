import type { ChunkImages } from '@gauntlet/core';
import { encode } from 'fast-png';

/** Pixels between images, and the least size of an image on the sheet. */
const [gap, smallest] = [4, 84];

/** What the columns of a sheet are, from left to right. */
export const sheetColumns = ({ reconstruction }: Pick<ChunkImages, 'reconstruction'>): string =>
  [
    'original',
    'perturbed',
    'difference',
    ...(reconstruction ? ['reconstruction of the original', 'of the perturbed', 'difference'] : []),
  ].join(' | ');

/**
 * One row of images for each sample, as PNG; columns as of `sheetColumns`. Differences are gray where there is none,
 * and scaled so that the largest of their column is black or white.
 */
export function contactSheet(
  images: ChunkImages,
  [h, w, c]: readonly [number, number, number],
  [low, high]: readonly [number, number],
): Uint8Array {
  const n = images.indices.length;
  const zoom = Math.max(1, Math.ceil(smallest / Math.max(h, w)));
  const views = columns(images, low, high);
  const width = views.length * (w * zoom + gap) + gap;
  const height = n * (h * zoom + gap) + gap;
  const channels = c === 1 ? 1 : 3;
  const data = new Uint8Array(width * height * channels).fill(255);
  for (let row = 0; row < n; row++) {
    views.forEach((view, column) => {
      const left = gap + column * (w * zoom + gap);
      const top = gap + row * (h * zoom + gap);
      for (let y = 0; y < h * zoom; y++) {
        for (let x = 0; x < w * zoom; x++) {
          const from = ((row * h + Math.floor(y / zoom)) * w + Math.floor(x / zoom)) * c;
          const to = ((top + y) * width + left + x) * channels;
          for (let k = 0; k < channels; k++) data[to + k] = Math.round(255 * view(from + Math.min(k, c - 1)));
        }
      }
    });
  }
  return encode({ width, height, data, channels, depth: 8 });
}

/** Each column as a function from a position in [n, h·w·c] to a brightness in [0, 1]. */
function columns(
  { clean, perturbed, cleanReconstruction, reconstruction }: ChunkImages,
  low: number,
  high: number,
) {
  const shown = (values: Float32Array) => (i: number) =>
    Math.min(1, Math.max(0, (values[i] - low) / (high - low)));
  const difference = (a: Float32Array, b: Float32Array) => {
    let largest = 0;
    for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs(b[i] - a[i]));
    return (i: number) => 0.5 + (largest > 0 ? (b[i] - a[i]) / (2 * largest) : 0);
  };
  const pair = (a: Float32Array, b: Float32Array) => [shown(a), shown(b), difference(a, b)];
  return [
    ...pair(clean, perturbed),
    ...(cleanReconstruction && reconstruction ? pair(cleanReconstruction, reconstruction) : []),
  ];
}
