import { tf } from '@gauntlet/api';

/** Puts `stride − 1` zeros between neighbours along height and width: x [n,h,w,c] → [n,(h−1)s+1,(w−1)t+1,c]. */
export function stretch(x: tf.Tensor4D, strideHeight: number, strideWidth: number): tf.Tensor4D {
  const [n, h, w, c] = x.shape;
  let wide = x;
  let width = w;
  if (strideWidth > 1) {
    width = (w - 1) * strideWidth + 1;
    const columns = tf.pad(tf.reshape(x, [n * h, w, 1, c]), [
      [0, 0],
      [0, 0],
      [0, strideWidth - 1],
      [0, 0],
    ]);
    wide = tf.slice4d(tf.reshape(columns, [n, h, w * strideWidth, c]), [0, 0, 0, 0], [n, h, width, c]);
  }
  if (strideHeight === 1) return wide;
  const height = (h - 1) * strideHeight + 1;
  const rows = tf.pad(tf.reshape(wide, [n, h, 1, width * c]), [
    [0, 0],
    [0, 0],
    [0, strideHeight - 1],
    [0, 0],
  ]);
  return tf.slice4d(tf.reshape(rows, [n, h * strideHeight, width, c]), [0, 0, 0, 0], [n, height, width, c]);
}

/** A filter with holes, so that a convolution with it at dilation 1 is the dilated one. */
export function dilateFilter(filter: tf.Tensor4D, [dh, dw]: readonly [number, number]): tf.Tensor4D {
  if (dh === 1 && dw === 1) return filter;
  const [kh, kw, inChannels, outChannels] = filter.shape;
  const flat = tf.reshape(filter, [1, kh, kw, inChannels * outChannels]) as tf.Tensor4D;
  const [, height, width] = [1, (kh - 1) * dh + 1, (kw - 1) * dw + 1];
  return tf.reshape(stretch(flat, dh, dw), [height, width, inChannels, outChannels]);
}

/** Cuts −amount rows and columns off the borders; 0 leaves a border as it is. */
export function cropBorders(
  x: tf.Tensor4D,
  [top, bottom]: readonly [number, number],
  [left, right]: readonly [number, number],
): tf.Tensor4D {
  if (top === 0 && bottom === 0 && left === 0 && right === 0) return x;
  const [n, h, w, c] = x.shape;
  return tf.slice(x, [0, -top, -left, 0], [n, h + top + bottom, w + left + right, c]);
}
