import { tf } from './tf.js';
import type { Features } from './victim-kinds.js';

/**
 * What an objective returns: one number per sample [n], alone or with auxiliary values (a tensor, or plain objects and arrays
 * with tensors in them), which are not differentiated.
 */
export type Objective<A> = tf.Tensor1D | { objective: tf.Tensor1D; aux: A };

/**
 * A loss of the logits z that engines know by name, of one class a for each sample, times a sign. With π the order of the logits
 * from the largest, which counts as a constant:
 * - `ce`, the cross-entropy log Σ exp z − z_a
 * - `margin`, max_{k≠a} z_k − z_a
 * - `dlr`, the margin divided by z_π1 − z_π3 + 10⁻¹² (Croce & Hein 2020, equation 6); of 3 classes at least
 * - `dlr-targeted`, (z_t − z_a) / (z_π1 − ½ (z_π3 + z_π4) + 10⁻¹²) of a class t that the sample is led to (equation 7); of 4 at least
 */
export type LabelLoss = {
  /** [n] a */
  aim: Int32Array;
  sign: 1 | -1;
} & ({ name: 'ce' | 'margin' | 'dlr' } | { name: 'dlr-targeted'; /** [n] t */ target: Int32Array });

/** Σ (target − output)² − less of each sample: the reconstruction error of an autoencoder, less another one. */
export interface ErrorLoss {
  name: 'error';
  /** [n,h,w,c] */
  target: tf.Tensor4D;
  /** [n] */
  less: tf.Tensor1D;
  sign: 1;
}

/**
 * c·max(0, l + κ) + scale·⟨cotangent, part⟩ of a loss l, where c = max(0, base + gain · max(0, l + κ)) is a constant of
 * the objective: what an attack weighs against a similarity that it has differentiated already.
 */
export interface Penalty {
  /** l */
  loss: LabelLoss | ErrorLoss;
  /** κ */
  kappa: number;
  /** [n] */
  base: Float32Array;
  gain: number;
  /** Absent where there is no second term. The cotangent has the shape of the part. */
  inner?: { of: keyof Features; cotangent: tf.Tensor4D; scale: number };
}

/**
 * An objective that computes a loss or a penalty that engines know may say so: an engine that can then differentiates model and
 * objective as one graph, instead of calling the function. What comes out is the same up to rounding.
 */
export interface Labelled<O = never, A = unknown> {
  labelLoss?: LabelLoss;
  errorLoss?: ErrorLoss;
  penalty?: Penalty;
  /** The auxiliary values, from the victim's outputs without the features: for where the function is not called. */
  aux?(outputs: O): A;
}
