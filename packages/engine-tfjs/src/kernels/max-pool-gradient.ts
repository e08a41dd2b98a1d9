import { tf } from '@gauntlet/api';

type PoolInfo = ReturnType<typeof tf.backend_util.computePool2DInfo>;

/** Whether the windows of a pool lie side by side, without padding: those of `maxPool(x, 2, 2)` do. */
export const liesSideBySide = ({
  strideHeight,
  strideWidth,
  filterHeight,
  filterWidth,
  padInfo,
}: PoolInfo): boolean =>
  strideHeight === filterHeight &&
  strideWidth === filterWidth &&
  padInfo.top + padInfo.bottom + padInfo.left + padInfo.right === 0;

/**
 * Gradient of such a max pool with respect to its input, [n, h, w, c]: each window's upstream gradient goes to the first of
 * its largest values, as on the cpu backend and in PyTorch. One position of the windows after the other, in all windows.
 */
export function sideBySideMaxPoolGradient(
  dy: tf.Tensor,
  input: tf.Tensor4D,
  output: tf.Tensor,
  { outHeight: oh, outWidth: ow, filterHeight: kh, filterWidth: kw }: PoolInfo,
): tf.Tensor {
  const [n, h, w, c] = input.shape;
  // What is beyond the last window has no part in it.
  const covered = tf.slice(input, [0, 0, 0, 0], [n, oh * kh, ow * kw, c]);
  const windows = tf.reshape(covered, [n * oh, kh, ow, kw * c]);
  const largest = tf.reshape(output, [n * oh, 1, ow, c]);
  let left = tf.reshape(dy, largest.shape);
  const nothing = tf.zerosLike(left);
  const rows = Array.from({ length: kh }, (_, i) => {
    const row = Array.from({ length: kw }, (_, j) => {
      const hit = tf.equal(tf.slice(windows, [0, i, 0, j * c], [-1, 1, -1, c]), largest);
      const own = tf.where(hit, left, nothing);
      left = tf.where(hit, nothing, left);
      return own;
    });
    return tf.concat(row, 3);
  });
  return tf.pad(tf.reshape(tf.concat(rows, 1), covered.shape), [
    [0, 0],
    [0, h - oh * kh],
    [0, w - ow * kw],
    [0, 0],
  ]);
}
