import { describe, expect, it } from 'vitest';
import { type FeatureBlock, Stream } from '@gauntlet/api';
import { gaussianBatch, gaussianEstimate, prepareClean, ridge } from './gaussian.js';
import { cholesky, inverse, multiply, solveLower, transpose } from './symmetric.js';

type Matrix = number[][];

const normal = (name: string, length: number) => {
  const stream = new Stream(name, length);
  return Float32Array.from({ length }, () => stream.normal());
};

/** Rows of centred columns. */
function centred(features: ArrayLike<number>, channels: number): Matrix {
  const rows = Array.from({ length: features.length / channels }, (_, p) =>
    Array.from({ length: channels }, (_, c) => features[p * channels + c]),
  );
  const means = rows[0].map((_, c) => rows.reduce((sum, row) => sum + row[c], 0) / rows.length);
  return rows.map((row) => row.map((value, c) => value - means[c]));
}

/** ln det by Gaussian elimination. */
function logDet(matrix: Matrix): number {
  const a = matrix.map((row) => [...row]);
  let sum = 0;
  for (let k = 0; k < a.length; k++) {
    sum += Math.log(a[k][k]);
    for (let i = k + 1; i < a.length; i++) {
      const factor = a[i][k] / a[k][k];
      a[i] = a[i].map((value, j) => value - factor * a[k][j]);
    }
  }
  return sum;
}

/** The formula above `prepareClean`, word by word: three determinants, the joint matrix written out. */
function formula(clean: ArrayLike<number>, perturbed: ArrayLike<number>, channels: number): number {
  const [u, v] = [centred(clean, channels), centred(perturbed, channels)];
  const rms = Math.sqrt(u.flat().reduce((sum, x) => sum + x * x, 0) / u.flat().length);
  const both = u.map((row, p) => [...row, ...v[p]].map((value) => value / rms));
  const joint = both[0].map((_, i) =>
    both[0].map((_, j) => both.reduce((s, row) => s + row[i] * row[j], 0) / u.length + (i === j ? ridge : 0)),
  );
  const part = (from: number) =>
    joint.slice(from, from + channels).map((row) => row.slice(from, from + channels));
  return (logDet(part(0)) + logDet(part(channels)) - logDet(joint)) / 2;
}

/** Numbers of positions and channels, odd and even, and fewer positions than channels. */
const sizes = [
  [30, 6],
  [7, 5],
  [9, 1],
  [3, 4],
  [4, 3],
];

const block = (data: Float32Array, n: number, positions: number, channels: number): FeatureBlock => ({
  data,
  n,
  positions,
  channels,
});

describe('the Gaussian estimate', () => {
  it.each(sizes)(
    'is the formula that is written above it: %i positions, %i channels',
    (positions, channels) => {
      const size = positions * channels;
      const [clean, noise] = [normal('clean', 2 * size), normal('noise', 2 * size)];
      const perturbed = clean.map((value, i) => 4 * (value + 0.4 * noise[i]) + 7);
      const found = gaussianBatch(
        block(clean, 2, positions, channels),
        block(perturbed, 2, positions, channels),
      );
      const one = block(clean, 2, positions, channels);
      const itself = gaussianBatch(one, one);
      for (const i of [0, 1]) {
        const [x, y] = [clean, perturbed].map((all) => all.subarray(i * size, (i + 1) * size));
        expect(found[i]).toBeCloseTo(formula(x, y, channels), 9);
        expect(itself[i]).toBeCloseTo(formula(x, x, channels), 9);
      }
    },
  );

  it.each(sizes)(
    'has the gradient that the formula has: %i positions, %i channels',
    (positions, channels) => {
      const size = positions * channels;
      const [clean, noise] = [normal('clean', size), normal('noise', size)];
      const perturbed = Float32Array.from(clean, (value, i) => 3 * value + noise[i] - 2);
      const gradient = new Float32Array(size);
      gaussianEstimate(prepareClean(clean, positions, channels), perturbed, positions, channels, gradient);
      const step = 1e-5;
      gradient.forEach((slope, i) => {
        const at = (by: number) => {
          const moved = Float64Array.from(perturbed);
          moved[i] += by;
          return formula(clean, moved, channels);
        };
        expect(Math.abs(slope - (at(step) - at(-step)) / (2 * step))).toBeLessThan(1e-6);
      });
    },
  );

  it('is 0 beside a constant image, whichever side that is', () => {
    const [flat, x] = [block(new Float32Array(24).fill(5), 1, 8, 3), block(normal('x', 24), 1, 8, 3)];
    expect([gaussianBatch(flat, flat)[0], gaussianBatch(flat, x)[0], gaussianBatch(x, flat)[0]]).toEqual([
      0, 0, 0,
    ]);
  });
});

describe('dense matrices', () => {
  // More than twice the four rows that are multiplied at a time.
  const n = 9;
  /** B Bᵀ + I */
  const factor = normal('matrix', n * n);
  const rows = Array.from({ length: n }, (_, i) => factor.subarray(i * n, (i + 1) * n));
  const a = Float64Array.from({ length: n * n }, (_, at) => {
    const [i, j] = [Math.floor(at / n), at % n];
    return rows[i].reduce((sum, x, k) => sum + x * rows[j][k], i === j ? 1 : 0);
  });
  const b = Float64Array.from(normal('other', n * n));
  const close = (found: Float64Array, expected: ArrayLike<number>) =>
    found.forEach((value, i) => expect(value).toBeCloseTo(expected[i], 9));
  const unit = Array.from({ length: n * n }, (_, at) => (at % (n + 1) === 0 ? 1 : 0));

  it('are factored, inverted, solved for and multiplied', () => {
    const whole = cholesky(a.slice(), n);
    // Above the diagonal the matrix is as it was.
    const lower = whole.map((value, at) => (at % n <= Math.floor(at / n) ? value : 0));
    close(multiply(lower, transpose(lower, n), n), a);
    close(multiply(a, inverse(whole, n), n), unit);
    close(multiply(lower, solveLower(whole, b, n), n), b);
    const product = multiply(a, b, n);
    product.forEach((value, at) => {
      const [i, j] = [Math.floor(at / n), at % n];
      const expected = Array.from({ length: n }, (_, k) => a[i * n + k] * b[k * n + j]);
      expect(value).toBeCloseTo(
        expected.reduce((x, y) => x + y, 0),
        9,
      );
    });
  });

  it('that are not positive definite are refused, with the pivot', () => {
    expect(() => cholesky(Float64Array.of(1, 0, 2, 4), 2)).toThrow(/pivot 1: 0/);
    expect(() => cholesky(Float64Array.of(1, 0, 2, NaN), 2)).toThrow(/pivot 1: NaN/);
  });
});
