import { Stream, tf } from '@gauntlet/api';

const size = 3;

/**
 * Features for a victim without a convolution: all 3×3 patches of x, each projected on `basis`.
 * x [n,h,w,c] → [n,h−2,w−2,9c] (images smaller than a patch are padded with zeros first).
 */
export function patchFeatures(x: tf.Tensor4D, basis: tf.Tensor4D): tf.Tensor4D {
  return tf.conv2d(x, basis, 1, x.shape[1] >= size && x.shape[2] >= size ? 'valid' : 'same');
}

/** A seeded random orthonormal basis of the 9c-dimensional patch space, as a filter [3,3,c,9c]. */
export function patchBasis(channels: number): tf.Tensor4D {
  const dimension = size * size * channels;
  const stream = new Stream('patch-basis', channels);
  const basis: number[][] = [];
  for (let k = 0; k < dimension; k++) {
    const vector = Array.from({ length: dimension }, () => stream.normal());
    // Gram–Schmidt, twice over, which is enough for working precision.
    for (let pass = 0; pass < 2; pass++) {
      for (const other of basis) {
        const along = dot(vector, other);
        for (let i = 0; i < dimension; i++) vector[i] -= along * other[i];
      }
    }
    const length = Math.sqrt(dot(vector, vector));
    basis.push(vector.map((value) => value / length));
  }
  const filter = Float32Array.from(
    { length: dimension * dimension },
    (_, i) => basis[i % dimension][Math.floor(i / dimension)],
  );
  return tf.tensor4d(filter, [size, size, channels, dimension]);
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, i) => sum + value * b[i], 0);
}
