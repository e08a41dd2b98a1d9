import type { RawImage } from './raw-image.js';

export const interpolations = ['nearest', 'bilinear', 'bicubic', 'lanczos'] as const;
export type Interpolation = (typeof interpolations)[number];

const sinc = (x: number) => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));

/** Kernels of Pillow, by distance from the centre; zero from `support` on. */
const kernels: Record<Exclude<Interpolation, 'nearest'>, { support: number; at: (x: number) => number }> = {
  bilinear: { support: 1, at: (x) => 1 - x },
  // a = −½
  bicubic: {
    support: 2,
    at: (x) => (x < 1 ? (1.5 * x - 2.5) * x * x + 1 : ((-0.5 * x + 2.5) * x - 4) * x + 2),
  },
  lanczos: { support: 3, at: (x) => sinc(x) * sinc(x / 3) },
};

/**
 * An image in another size as Pillow's `Image.resize` makes it, which torchvision's transforms call: kernels widen when an image
 * shrinks, and each of the two passes rounds to 8 bits. Rows come first; where Pillow chooses columns, a byte may differ by 1.
 */
export function resample(image: RawImage, width: number, height: number, how: Interpolation): RawImage {
  const rows = alongRows(image, width, how);
  return transposed(alongRows(transposed(rows), height, how));
}

/** Pillow's weights are whole numbers of this part of 1. */
const fixed = 2 ** 22;

/** Of each new pixel where the old ones begin that it is made of, and their weights. */
function weightsOf(from: number, to: number, how: Interpolation): { first: number; weights: number[] }[] {
  const scale = from / to;
  return Array.from({ length: to }, (_, i) => {
    const centre = (i + 0.5) * scale;
    if (how === 'nearest') return { first: Math.min(from - 1, Math.floor(centre)), weights: [1] };
    const { support, at } = kernels[how];
    const wide = Math.max(1, scale);
    const first = Math.max(0, Math.floor(centre - support * wide + 0.5));
    const last = Math.min(from, Math.floor(centre + support * wide + 0.5));
    const raw = Array.from({ length: last - first }, (_, k) => {
      const distance = Math.abs(first + k + 0.5 - centre) / wide;
      return distance < support ? at(distance) : 0;
    });
    const sum = raw.reduce((a, b) => a + b, 0);
    return { first, weights: raw.map((weight) => Math.round((weight / sum) * fixed) / fixed) };
  });
}

function alongRows({ width, height, channels, data }: RawImage, to: number, how: Interpolation): RawImage {
  if (to === width) return { width, height, channels, data };
  const out = new Uint8ClampedArray(to * height * channels);
  const weightsAt = weightsOf(width, to, how);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < to; x++) {
      const { first, weights } = weightsAt[x];
      for (let c = 0; c < channels; c++) {
        let sum = 0;
        for (let k = 0; k < weights.length; k++)
          sum += weights[k] * data[(y * width + first + k) * channels + c];
        // Half up, as Pillow; assigning would round half to even.
        out[(y * to + x) * channels + c] = Math.floor(sum + 0.5);
      }
    }
  return { width: to, height, channels, data: new Uint8Array(out.buffer) };
}

function transposed({ width, height, channels, data }: RawImage): RawImage {
  const out = new Uint8Array(data.length);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let c = 0; c < channels; c++)
        out[(x * height + y) * channels + c] = data[(y * width + x) * channels + c];
  return { width: height, height: width, channels, data: out };
}
