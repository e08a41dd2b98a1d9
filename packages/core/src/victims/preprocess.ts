import { type ImageOrder, tf } from '@gauntlet/api';

/**
 * From the user's units to the model's: (x · scale − mean) / std, mean and std per channel or one for all,
 * then a reshape to what the model takes ([n,h,w,c], [n,h·w·c] in the order of `layout`, …).
 */
export interface Preprocess {
  scale?: number;
  mean?: number | readonly number[];
  std?: number | readonly number[];
  /** Of a flat input; `nhwc` by default. */
  layout?: ImageOrder;
}

const perChannel = (value: number | readonly number[]) =>
  typeof value === 'number' ? tf.scalar(value) : tf.tensor1d([...value]);

export function toModel(
  x: tf.Tensor4D,
  modelShape: readonly number[],
  { scale = 1, mean = 0, std = 1, layout }: Preprocess,
): tf.Tensor {
  return tf.tidy(() => {
    let input: tf.Tensor = x;
    if (scale !== 1) input = tf.mul(input, scale);
    if (mean !== 0) input = tf.sub(input, perChannel(mean));
    if (std !== 1) input = tf.div(input, perChannel(std));
    if (layout === 'nchw') input = tf.transpose(input, [0, 3, 1, 2]);
    return tf.reshape(input, [x.shape[0], ...modelShape]);
  });
}

/** Numbers of n images in an order → [n, h, w, c]. */
export function imagesOf(
  numbers: tf.Tensor,
  [h, w, c]: readonly [number, number, number],
  order: ImageOrder = 'nhwc',
): tf.Tensor4D {
  const n = numbers.shape[0];
  if (order === 'nhwc') return tf.reshape(numbers, [n, h, w, c]);
  return tf.tidy(() => tf.transpose(tf.reshape(numbers, [n, c, h, w]), [0, 2, 3, 1]));
}

/** The chain rule through `toModel`: a gradient in the model's units, back in the user's. */
export function gradientFromModel(
  gradient: tf.Tensor,
  inputShape: readonly [number, number, number],
  { scale = 1, std = 1, layout }: Preprocess,
): tf.Tensor4D {
  return tf.tidy(() => {
    let back: tf.Tensor = imagesOf(gradient, inputShape, layout);
    if (std !== 1) back = tf.div(back, perChannel(std));
    if (scale !== 1) back = tf.mul(back, scale);
    return back as tf.Tensor4D;
  });
}
