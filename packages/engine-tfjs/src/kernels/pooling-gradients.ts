import { tf } from '@gauntlet/api';

interface PoolAttrs {
  filterSize: [number, number] | number;
  strides: [number, number] | number;
  pad: 'valid' | 'same' | number;
  dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

const infoOf = (x: tf.Tensor4D, { filterSize, strides, pad, dimRoundingMode }: PoolAttrs) =>
  tf.backend_util.computePool2DInfo(x.shape, filterSize, strides, 1, pad, dimRoundingMode);

/**
 * The stock gradient of an average pool divides by the whole window everywhere, while the pool itself leaves
 * padding out of the average.
 */
export function registerAveragePoolGradient(): void {
  const stock = tf.getGradient('AvgPool');
  tf.registerGradient({
    ...stock,
    gradFunc: (dy, saved, attrs) => {
      const info = infoOf(saved[0] as tf.Tensor4D, attrs as unknown as PoolAttrs);
      const { top, bottom, left, right } = info.padInfo;
      if (top + bottom + left + right === 0) return stock.gradFunc(dy, saved, attrs);
      const cells = (out: number, size: number, k: number, stride: number, before: number) =>
        Array.from({ length: out }, (_, o) => {
          const start = o * stride - before;
          return Math.min(start + k, size) - Math.max(start, 0);
        });
      const rows = cells(info.outHeight, info.inHeight, info.filterHeight, info.strideHeight, top);
      const columns = cells(info.outWidth, info.inWidth, info.filterWidth, info.strideWidth, left);
      const whole = info.filterHeight * info.filterWidth;
      const factors = rows.flatMap((r) => columns.map((c) => whole / (r * c)));
      const scale = tf.tensor4d(factors, [1, info.outHeight, info.outWidth, 1]);
      return stock.gradFunc(tf.mul(dy as tf.Tensor, scale), saved, attrs);
    },
  });
}
