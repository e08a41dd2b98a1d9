import type { ChunkImages } from '@gauntlet/core';

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

/** Where the images of a sheet lie, in pixels. */
export function sheetLayout(n: number, [h, w]: readonly number[], columns: number) {
  const zoom = Math.max(1, Math.ceil(smallest / Math.max(h, w)));
  const [step, rise] = [w * zoom + gap, h * zoom + gap];
  return { zoom, step, rise, width: columns * step + gap, height: n * rise + gap };
}

/** The largest change of a pixel, which a column of differences shows as black or white. */
export function largestChange(before: Float32Array, after: Float32Array): number {
  let largest = 0;
  for (let i = 0; i < before.length; i++) largest = Math.max(largest, Math.abs(after[i] - before[i]));
  return largest;
}

/** Rows of pixels, `channels` bytes each: gray or red, green, blue. */
export interface Sheet {
  width: number;
  height: number;
  channels: 1 | 3;
  data: Uint8Array;
}

/**
 * Pixels of a sheet with one row of images for each sample; columns as of `sheetColumns`. Differences are gray where there is none,
 * and scaled so that the largest of their column is black or white.
 */
export function contactSheet(
  images: ChunkImages,
  [h, w, c]: readonly [number, number, number],
  [low, high]: readonly [number, number],
): Sheet {
  const n = images.indices.length;
  const views = columns(images, low, high);
  const { zoom, step, rise, width, height } = sheetLayout(n, [h, w], views.length);
  const channels = c === 1 ? 1 : 3;
  const data = new Uint8Array(width * height * channels).fill(255);
  for (let row = 0; row < n; row++) {
    views.forEach((view, column) => {
      const left = gap + column * step;
      const top = gap + row * rise;
      for (let y = 0; y < h * zoom; y++) {
        for (let x = 0; x < w * zoom; x++) {
          const from = ((row * h + Math.floor(y / zoom)) * w + Math.floor(x / zoom)) * c;
          const to = ((top + y) * width + left + x) * channels;
          for (let k = 0; k < channels; k++) data[to + k] = Math.round(255 * view(from + Math.min(k, c - 1)));
        }
      }
    });
  }
  return { width, height, channels, data };
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
    const largest = largestChange(a, b);
    return (i: number) => 0.5 + (largest > 0 ? (b[i] - a[i]) / (2 * largest) : 0);
  };
  const pair = (a: Float32Array, b: Float32Array) => [shown(a), shown(b), difference(a, b)];
  return [
    ...pair(clean, perturbed),
    ...(cleanReconstruction && reconstruction ? pair(cleanReconstruction, reconstruction) : []),
  ];
}
