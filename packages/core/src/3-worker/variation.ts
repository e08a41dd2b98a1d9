import type { ModelKind } from '@gauntlet/api';

/**
 * How far a victim's outputs follow its inputs, from n of them, inputs [n·d] and outputs [n·width]: the variance of an
 * autoencoder's outputs as a share of the inputs' variance; the variance of an encoder's unit vectors, up to 1. It is 0 where
 * training has collapsed. Chen and He 2021 ("Exploring Simple Siamese Representation Learning") tell it of encoders in this way.
 * @returns nothing for a classifier, for one input, for inputs that are all the same, and for outputs that are not finite
 */
export function variationOf(
  kind: ModelKind,
  inputs: Float32Array,
  outputs: Float32Array,
  n: number,
): number | undefined {
  const given = variance(rowsOf(inputs, n));
  if (kind === 'classifier' || given === 0) return undefined;
  const rows = rowsOf(outputs, n);
  const share = kind === 'encoder' ? variance(rows.map(unit)) : variance(rows) / given;
  return Number.isFinite(share) ? share : undefined;
}

const rowsOf = (values: Float32Array, n: number): Float32Array[] => {
  const width = values.length / n;
  return Array.from({ length: n }, (_, i) => values.subarray(i * width, (i + 1) * width));
};

/** Mean squared distance of rows from their mean. */
function variance(rows: readonly Float32Array[]): number {
  const mean = new Float64Array(rows[0].length);
  for (const row of rows) row.forEach((value, i) => (mean[i] += value / rows.length));
  const squares = rows.map((row) => row.reduce((sum, value, i) => sum + (value - mean[i]) ** 2, 0));
  return squares.reduce((sum, square) => sum + square / rows.length, 0);
}

/** Of length 1; zeros stay zeros. */
function unit(row: Float32Array): Float32Array {
  const length = Math.sqrt(row.reduce((sum, value) => sum + value ** 2, 0));
  return length === 0 ? row : row.map((value) => value / length);
}
