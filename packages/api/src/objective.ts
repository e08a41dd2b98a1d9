import { tf } from './tf.js';

/**
 * What an objective returns: one number per sample [n], alone or with auxiliary values (a tensor, or plain objects and arrays
 * with tensors in them), which are not differentiated.
 */
export type Objective<A> = tf.Tensor1D | { objective: tf.Tensor1D; aux: A };

/**
 * A loss of the logits z that engines know by name: the cross-entropy log Σ exp z − z_a (`ce`) or the margin
 * max_{k≠a} z_k − z_a (`margin`) of one class a for each sample, times a sign.
 */
export interface LabelLoss {
  name: 'ce' | 'margin';
  /** [n] a */
  aim: Int32Array;
  sign: 1 | -1;
}

/**
 * An objective that computes a `LabelLoss` may say so: an engine that can then differentiates model and loss as one graph,
 * instead of calling the function. What comes out is the same up to rounding.
 */
export interface Labelled {
  labelLoss?: LabelLoss;
}
