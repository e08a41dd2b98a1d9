import { tf } from '@gauntlet/api';
import { cropBorders, stretch } from './stretch.js';

type ConvInfo = ReturnType<typeof tf.backend_util.computeConv2DInfo>;

/**
 * What a convolution's output gradient has to look like so that a stride-1 convolution with the rotated filter
 * gives the input gradient: stretched by the stride, padded by the filter's reach. A padding wider than the
 * filter would make that negative; such borders are cropped here.
 */
function spread(dy: tf.Tensor4D, info: ConvInfo): { dy: tf.Tensor4D; pad: tf.backend_util.ExplicitPadding } {
  const stretched = stretch(dy, info.strideHeight, info.strideWidth);
  const [, h, w] = stretched.shape;
  const top = info.filterHeight - 1 - info.padInfo.top;
  const left = info.filterWidth - 1 - info.padInfo.left;
  const bottom = info.inHeight + info.filterHeight - 1 - h - top;
  const right = info.inWidth + info.filterWidth - 1 - w - left;
  const crop = (amount: number) => Math.min(0, amount);
  const grow = (amount: number) => Math.max(0, amount);
  return {
    dy: cropBorders(stretched, [crop(top), crop(bottom)], [crop(left), crop(right)]),
    pad: [
      [0, 0],
      [grow(top), grow(bottom)],
      [grow(left), grow(right)],
      [0, 0],
    ],
  };
}

/** Gradient of conv2d (dilation 1) with respect to its input, as a forward convolution. */
export function convInputGradient(dy: tf.Tensor4D, filter: tf.Tensor4D, info: ConvInfo): tf.Tensor4D {
  return tf.tidy(() => {
    const rotated = tf.transpose(tf.reverse(filter, [0, 1]), [0, 1, 3, 2]);
    const { dy: input, pad } = spread(dy, info);
    return tf.conv2d(input, rotated, 1, pad);
  });
}

/** Gradient of depthwiseConv2d (dilation 1) with respect to its input, as a forward depthwise convolution. */
export function depthwiseInputGradient(dy: tf.Tensor4D, filter: tf.Tensor4D, info: ConvInfo): tf.Tensor4D {
  return tf.tidy(() => {
    const [kh, kw, channels, multiplier] = filter.shape;
    const rotated = tf.reshape(tf.reverse(filter, [0, 1]), [kh, kw, channels * multiplier, 1]);
    const { dy: input, pad } = spread(dy, info);
    // Unlike conv2d, depthwiseConv2d takes no explicit padding.
    const perOutput = tf.depthwiseConv2d(
      tf.pad(input, pad as [number, number][]),
      rotated as tf.Tensor4D,
      1,
      'valid',
    );
    const [n, h, w] = perOutput.shape;
    if (multiplier === 1) return perOutput;
    return tf.reshape(tf.sum(tf.reshape(perOutput, [n, h, w, channels, multiplier]), 4), [n, h, w, channels]);
  });
}
