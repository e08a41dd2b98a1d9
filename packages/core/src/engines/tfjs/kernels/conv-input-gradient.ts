import * as tf from '@tensorflow/tfjs-core';
import { padOrCrop, stretch } from './stretch.js';

type ConvInfo = ReturnType<typeof tf.backend_util.computeConv2DInfo>;

/**
 * What a convolution's output gradient has to look like so that a plain stride-1 convolution with the rotated
 * filter gives the input gradient: stretched by the stride, padded by the filter's reach.
 */
function spread(dy: tf.Tensor4D, info: ConvInfo): tf.Tensor4D {
  const stretched = stretch(dy, info.strideHeight, info.strideWidth);
  const [, h, w] = stretched.shape;
  const top = info.filterHeight - 1 - info.padInfo.top;
  const left = info.filterWidth - 1 - info.padInfo.left;
  const bottom = info.inHeight + info.filterHeight - 1 - h - top;
  const right = info.inWidth + info.filterWidth - 1 - w - left;
  return padOrCrop(stretched, [top, bottom], [left, right]);
}

/** Gradient of conv2d (dilation 1) with respect to its input, as a forward convolution. */
export function convInputGradient(dy: tf.Tensor4D, filter: tf.Tensor4D, info: ConvInfo): tf.Tensor4D {
  return tf.tidy(() => {
    const rotated = tf.transpose(tf.reverse(filter, [0, 1]), [0, 1, 3, 2]);
    return tf.conv2d(spread(dy, info), rotated, 1, 'valid');
  });
}

/** Gradient of depthwiseConv2d (dilation 1) with respect to its input, as a forward depthwise convolution. */
export function depthwiseInputGradient(dy: tf.Tensor4D, filter: tf.Tensor4D, info: ConvInfo): tf.Tensor4D {
  return tf.tidy(() => {
    const [kh, kw, channels, multiplier] = filter.shape;
    const rotated = tf.reshape(tf.reverse(filter, [0, 1]), [kh, kw, channels * multiplier, 1]);
    const perOutput = tf.depthwiseConv2d(spread(dy, info), rotated as tf.Tensor4D, 1, 'valid');
    const [n, h, w] = perOutput.shape;
    if (multiplier === 1) return perOutput;
    return tf.reshape(tf.sum(tf.reshape(perOutput, [n, h, w, channels, multiplier]), 4), [n, h, w, channels]);
  });
}
