// What HopSkipJump needs of a norm, and its estimate of a gradient; see hop-skip-jump.ts. Images are [h·w·c] on the host.
import type { Stream } from '@gauntlet/api';

export interface Geometry {
  /** Tolerance of a bisection, as a share of the way. */
  theta: number;
  /** The draws of an estimate are this times θ times the distance away from the boundary. */
  spread: number;
  lengthOf: (a: Float32Array, b: Float32Array) => number;
  /** The image on the way from a to b at a share of the distance. */
  between: (a: Float32Array, b: Float32Array, share: number) => Float32Array;
  /** A random direction of Euclidean length 1. */
  draw: (walk: { stream: Stream }) => Float64Array;
  /** Where a step goes that follows a gradient. */
  directionOf: (gradient: Float64Array) => Float64Array;
}

export function geometryOf({
  x,
  params,
}: {
  x: { shape: readonly number[] };
  params: { norm: 'linf' | 'l2' };
}): Geometry {
  const d = x.shape.slice(1).reduce((product, length) => product * length, 1);
  return params.norm === 'l2' ? euclidean(d) : largest(d);
}

const euclidean = (d: number): Geometry => ({
  theta: d ** -1.5,
  spread: Math.sqrt(d),
  lengthOf(a, b) {
    let squares = 0;
    for (let i = 0; i < d; i++) squares += (a[i]! - b[i]!) ** 2;
    return Math.sqrt(squares);
  },
  between: (a, b, share) => a.map((value, i) => value + share * (b[i]! - value)),
  draw: ({ stream }) => unit(Float64Array.from({ length: d }, () => stream.normal())),
  directionOf: unit,
});

const largest = (d: number): Geometry => ({
  theta: d ** -2,
  spread: d,
  lengthOf: largestDifference,
  between(a, b, share) {
    const radius = share * largestDifference(a, b);
    return b.map((value, i) => Math.min(a[i]! + radius, Math.max(a[i]! - radius, value)));
  },
  draw: ({ stream }) => unit(Float64Array.from({ length: d }, () => stream.uniform(-1, 1))),
  directionOf: (gradient) => gradient.map(Math.sign),
});

function largestDifference(a: Float32Array, b: Float32Array): number {
  let most = 0;
  for (let i = 0; i < a.length; i++) most = Math.max(most, Math.abs(a[i]! - b[i]!));
  return most;
}

function unit(values: Float64Array): Float64Array {
  let squares = 0;
  for (const value of values) squares += value * value;
  const length = Math.max(Math.sqrt(squares), 1e-12);
  return values.map((value) => value / length);
}

/** Σ_b (φ_b − φ̄) u_b over draws u_b around a point, φ_b = ±1; where all φ_b are alike, their mean is not taken off. */
export class Estimate {
  readonly #from: Float32Array;
  readonly #signed: Float64Array;
  readonly #plain: Float64Array;
  #count = 0;
  #sum = 0;

  constructor(from: Float32Array) {
    this.#from = from;
    this.#signed = new Float64Array(from.length);
    this.#plain = new Float64Array(from.length);
  }

  add(image: Float32Array, met: boolean): void {
    const phi = met ? 1 : -1;
    this.#count++;
    this.#sum += phi;
    for (let i = 0; i < image.length; i++) {
      const u = image[i]! - this.#from[i]!;
      this.#signed[i]! += phi * u;
      this.#plain[i]! += u;
    }
  }

  /** Up to its length. */
  mean(): Float64Array {
    const centre = Math.abs(this.#sum) === this.#count ? 0 : this.#sum / this.#count;
    return this.#signed.map((value, i) => value - centre * this.#plain[i]!);
  }
}

/** Noise that is constant on cells × cells blocks. */
export function blocks(
  [, height, width, channels]: readonly [number, number, number, number],
  cells: number,
  draw: () => number,
): Float32Array {
  const values = Float64Array.from({ length: cells * cells * channels }, draw);
  const cellOf = (at: number, length: number) => Math.floor((at * cells) / length);
  const image = new Float32Array(height * width * channels);
  for (let r = 0; r < height; r++)
    for (let s = 0; s < width; s++)
      for (let channel = 0; channel < channels; channel++)
        image[(r * width + s) * channels + channel] =
          values[(cellOf(r, height) * cells + cellOf(s, width)) * channels + channel]!;
  return image;
}
