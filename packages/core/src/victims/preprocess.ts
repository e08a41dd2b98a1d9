import * as tf from '@tensorflow/tfjs-core';

/**
 * From the user's units to the model's: (x · scale − mean) / std, mean and std per channel or one for all,
 * then a reshape to what the model takes ([n,h,w,c], [n,h·w·c], …).
 */
export interface Preprocess {
  scale?: number;
  mean?: number | readonly number[];
  std?: number | readonly number[];
}

const perChannel = (value: number | readonly number[]) =>
  typeof value === 'number' ? tf.scalar(value) : tf.tensor1d([...value]);

export function toModel(
  x: tf.Tensor4D,
  modelShape: readonly number[],
  { scale = 1, mean = 0, std = 1 }: Preprocess,
): tf.Tensor {
  return tf.tidy(() => {
    let input: tf.Tensor = x;
    if (scale !== 1) input = tf.mul(input, scale);
    if (mean !== 0) input = tf.sub(input, perChannel(mean));
    if (std !== 1) input = tf.div(input, perChannel(std));
    return tf.reshape(input, [x.shape[0], ...modelShape]);
  });
}

/** The chain rule through `toModel`: a gradient in the model's units, back in the user's. */
export function gradientFromModel(
  gradient: tf.Tensor,
  inputShape: readonly number[],
  { scale = 1, std = 1 }: Preprocess,
): tf.Tensor4D {
  return tf.tidy(() => {
    let back: tf.Tensor = tf.reshape(gradient, [gradient.shape[0], ...inputShape]);
    if (std !== 1) back = tf.div(back, perChannel(std));
    if (scale !== 1) back = tf.mul(back, scale);
    return back as tf.Tensor4D;
  });
}
