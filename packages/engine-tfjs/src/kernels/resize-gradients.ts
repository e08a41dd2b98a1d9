import { tf } from '@gauntlet/api';

interface ResizeAttrs {
  alignCorners: boolean;
  halfPixelCenters: boolean;
}

/** One axis of a resize as a matrix [out, in]. */
function axisMatrix(
  input: number,
  output: number,
  mode: 'nearest' | 'bilinear',
  { alignCorners, halfPixelCenters }: ResizeAttrs,
): tf.Tensor2D {
  const aligned = alignCorners && output > 1;
  const scale = aligned ? (input - 1) / (output - 1) : input / output;
  const matrix = new Float32Array(output * input);
  const clamp = (i: number) => Math.min(Math.max(i, 0), input - 1);
  for (let o = 0; o < output; o++) {
    const at = halfPixelCenters ? (o + 0.5) * scale - (mode === 'nearest' ? 0 : 0.5) : o * scale;
    if (mode === 'nearest') {
      matrix[o * input + clamp(aligned ? Math.round(at) : Math.floor(at))] += 1;
      continue;
    }
    const inside = Math.min(Math.max(at, 0), input - 1);
    const low = Math.floor(inside);
    matrix[o * input + low] += 1 - (inside - low);
    matrix[o * input + clamp(low + 1)] += inside - low;
  }
  return tf.tensor2d(matrix, [output, input]);
}

/**
 * Resizing is linear, axis by axis: dx = Mᵀ dy along height, then along width. The stock kernels of the cpu
 * backend swap the axes (bilinear) or drop rows (nearest).
 */
function register(kernelName: 'ResizeNearestNeighbor' | 'ResizeBilinear'): void {
  const mode = kernelName === 'ResizeBilinear' ? 'bilinear' : 'nearest';
  tf.registerGradient({
    kernelName,
    inputsToSave: ['images'],
    gradFunc: (dy, saved, attrs) => ({
      images: () => {
        const [n, h, w, c] = (saved[0] as tf.Tensor4D).shape;
        const [, height, width] = (dy as tf.Tensor4D).shape;
        const given = attrs as unknown as ResizeAttrs;
        const rows = axisMatrix(h, height, mode, given);
        const columns = axisMatrix(w, width, mode, given);
        // [n, H, W·c] → [H, n·W·c] → [h, n, W, c] → [W, n·h·c] → [w, n, h, c]
        const byRow = tf.reshape(tf.transpose(dy as tf.Tensor4D, [1, 0, 2, 3]), [height, n * width * c]);
        const shorter = tf.reshape(tf.matMul(rows, byRow, true, false), [h, n, width, c]);
        const byColumn = tf.reshape(tf.transpose(shorter, [2, 1, 0, 3]), [width, n * h * c]);
        const narrower = tf.reshape(tf.matMul(columns, byColumn, true, false), [w, n, h, c]);
        return tf.transpose(narrower, [1, 2, 0, 3]);
      },
    }),
  });
}

export function registerResizeGradients(): void {
  register('ResizeNearestNeighbor');
  register('ResizeBilinear');
}
