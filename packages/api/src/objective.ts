import * as tf from '@tensorflow/tfjs-core';

/**
 * What an objective returns: one number per sample [n], alone or with auxiliary values (a tensor, or plain objects and arrays
 * with tensors in them), which are not differentiated.
 */
export type Objective<A> = tf.Tensor1D | { objective: tf.Tensor1D; aux: A };
