import { like, type Picture } from './picture.js';

/** Where a place outside of 0 … size − 1 is looked up. */
export type Border = (at: number, size: number) => number;

/** aaa|abc|ccc */
export const nearest: Border = (at, size) => Math.min(size - 1, Math.max(0, at));

/** cba|abc|cba: the edge is repeated. */
export const symmetric: Border = (at, size) => {
  const folded = ((at % (2 * size)) + 2 * size) % (2 * size);
  return folded < size ? folded : 2 * size - 1 - folded;
};

/** cb|abc|ba: the edge is not repeated. */
export const mirrored: Border = (at, size) => {
  if (size === 1) return 0;
  const period = 2 * (size - 1);
  const folded = ((at % period) + period) % period;
  return folded < size ? folded : period - folded;
};

/** exp(−i²/2σ²) for i = −radius … radius, of sum 1. */
export function gaussianWeights(sigma: number, radius: number): Float64Array {
  const weights = Float64Array.from({ length: 2 * radius + 1 }, (_, i) =>
    Math.exp(-((i - radius) ** 2) / (2 * sigma ** 2)),
  );
  const sum = weights.reduce((a, b) => a + b, 0);
  return weights.map((weight) => weight / sum);
}

/** Gaussian filter with σ down and across, in pixels, cut off at `truncate` σ. */
export function gaussianFilter(
  picture: Picture,
  [down, across]: readonly [number, number],
  border: Border,
  truncate: number,
): Picture {
  const weightsOf = (sigma: number) => gaussianWeights(sigma, Math.floor(truncate * sigma + 0.5));
  const { height, width, channels } = picture;
  const vertical = along(picture, height, width * channels, down > 0 ? weightsOf(down) : undefined, border);
  return along(vertical, width, channels, across > 0 ? weightsOf(across) : undefined, border);
}

/** Correlation along an axis of `size` places that are `stride` values apart. */
function along(
  picture: Picture,
  size: number,
  stride: number,
  weights: Float64Array | undefined,
  border: Border,
): Picture {
  if (!weights) return picture;
  const radius = (weights.length - 1) / 2;
  const from = Int32Array.from({ length: size + 2 * radius }, (_, i) => border(i - radius, size) * stride);
  const { values } = picture;
  const filtered = new Float64Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const at = Math.floor(i / stride) % size;
    const start = i - at * stride;
    let sum = 0;
    for (let k = 0; k < weights.length; k++) sum += weights[k]! * values[start + from[at + k]!]!;
    filtered[i] = sum;
  }
  return like(picture, filtered);
}

/** Correlation with a kernel of odd sides, channel by channel. */
export function filter2d(picture: Picture, kernel: Picture, border: Border): Picture {
  const { height, width, channels, values } = picture;
  const [up, left] = [(kernel.height - 1) / 2, (kernel.width - 1) / 2];
  const taps = [...kernel.values.entries()].flatMap(([i, weight]) =>
    weight === 0 ? [] : [{ dy: Math.floor(i / kernel.width) - up, dx: (i % kernel.width) - left, weight }],
  );
  const filtered = new Float64Array(values.length);
  for (const { dy, dx, weight } of taps)
    for (let y = 0; y < height; y++) {
      const row = border(y + dy, height) * width;
      for (let x = 0; x < width; x++) {
        const from = (row + border(x + dx, width)) * channels;
        const to = (y * width + x) * channels;
        for (let c = 0; c < channels; c++) filtered[to + c]! += weight * values[from + c]!;
      }
    }
  return like(picture, filtered);
}
