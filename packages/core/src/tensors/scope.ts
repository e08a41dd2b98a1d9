import * as tf from '@tensorflow/tfjs-core';

/**
 * `tf.tidy` for asynchronous code: every tensor made inside is disposed except those in the result.
 * Scopes nest; two must not run interleaved, so await one before you start the next.
 */
export async function tidyAsync<T extends tf.TensorContainer>(work: () => Promise<T>): Promise<T> {
  const engine = tf.engine();
  engine.startScope();
  let result: T | undefined;
  try {
    result = await work();
    return result;
  } finally {
    engine.endScope(result);
  }
}

/** Identity whose gradient is zero: what it returns counts as a constant inside an objective. */
export function stopGradient<T extends tf.Tensor>(x: T): T {
  return tf.customGrad((value) => ({
    value: (value as tf.Tensor).clone(),
    gradFunc: (dy: tf.Tensor) => tf.zerosLike(dy),
  }))(x) as T;
}
