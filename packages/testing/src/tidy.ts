import { tf } from '@gauntlet/api';

/** tf.tidy for objects whose type has no index signature. */
export function tidy<T extends object>(work: () => T): T {
  return tf.tidy(work as unknown as () => tf.TensorContainerObject) as unknown as T;
}
