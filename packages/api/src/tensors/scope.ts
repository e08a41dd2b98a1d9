import { tf } from '../tf.js';
import { tensorsIn } from './containers.js';

/**
 * `tf.tidy` for asynchronous code that returns anything: of the tensors made inside, those in the result (a tensor, or plain
 * objects and arrays with tensors in them) belong to the surrounding scope; all others are disposed, unless `tf.keep` has
 * taken them. Scopes nest; two must not run interleaved, so await one before you start the next.
 */
export async function tidyAsync<T>(work: () => Promise<T>): Promise<T> {
  const engine = tf.engine();
  engine.startScope();
  let surviving: tf.Tensor[] = [];
  try {
    const result = await work();
    surviving = tensorsIn(result);
    return result;
  } finally {
    engine.endScope(surviving);
  }
}

/** Identity whose gradient is zero: what it returns counts as a constant inside an objective. */
export function stopGradient<T extends tf.Tensor>(x: T): T {
  return tf.customGrad((value) => ({
    value: (value as tf.Tensor).clone(),
    gradFunc: (dy: tf.Tensor) => tf.zerosLike(dy),
  }))(x) as T;
}
