import * as tf from '@tensorflow/tfjs-core';
import { flatRows } from '../tensors/rows.js';
import type { AutoencoderOutputs, ClassifierOutputs } from '../victims/victim.js';

/**
 * An attack's goal as an objective: [n] numbers, met where ≤ 0. Built for the samples at hand, so an attack
 * whose samples leave the batch builds it again for those that stay.
 */
export interface Criterion<O> {
  readonly name: string;
  value(outputs: O): tf.Tensor1D;
}

/** Everything that some victim gives; a criterion takes what its victims have. */
export type VictimOutputs = Partial<ClassifierOutputs & AutoencoderOutputs>;

/** The goal of a batch: the criterion for some of its samples, by their positions in it. */
export type Goal = (rows: readonly number[]) => Criterion<VictimOutputs>;

/** A big number that float32 subtracts without loss for the entries it is not meant for. */
const far = 1e9;

/** z at one class per row, and the largest z among the other classes. */
export function pickAndRest(
  logits: tf.Tensor2D,
  classes: Int32Array,
): { picked: tf.Tensor1D; rest: tf.Tensor1D } {
  const mask = tf.oneHot(tf.tensor1d(classes, 'int32'), logits.shape[1]);
  const float = tf.cast(mask, 'float32');
  return {
    picked: tf.sum(tf.mul(logits, float), 1),
    rest: tf.max(tf.sub(logits, tf.mul(float, far)), 1),
  };
}

/** f = z_y − max_{k≠y} z_k + κ: taken for another class, by a margin of κ logits. */
export function misclassified(labels: Int32Array, kappa = 0): Criterion<Pick<ClassifierOutputs, 'logits'>> {
  return {
    name: 'misclassified',
    value: ({ logits }) =>
      tf.tidy(() => {
        const { picked, rest } = pickAndRest(logits, labels);
        return tf.add(tf.sub(picked, rest), kappa);
      }),
  };
}

/** f = max_{k≠t} z_k − z_t + κ: taken for the target class t. */
export function classifiedAs(targets: Int32Array, kappa = 0): Criterion<Pick<ClassifierOutputs, 'logits'>> {
  return {
    name: 'classified-as-target',
    value: ({ logits }) =>
      tf.tidy(() => {
        const { picked, rest } = pickAndRest(logits, targets);
        return tf.add(tf.sub(rest, picked), kappa);
      }),
  };
}

/** f = ‖x − Φ(x+δ)‖² − ‖x − Φ(x)‖²: reconstructed no worse than the clean input (Hsu et al. 2022). */
export function reconstructedNoWorse(
  x: tf.Tensor4D,
  cleanLoss: tf.Tensor1D,
): Criterion<Pick<AutoencoderOutputs, 'reconstruction'>> {
  return {
    name: 'reconstructed-no-worse',
    value: ({ reconstruction }) => tf.tidy(() => tf.sub(reconstructionLoss(x, reconstruction), cleanLoss)),
  };
}

/** ‖x − r‖² per sample: [n]. */
export function reconstructionLoss(x: tf.Tensor4D, reconstruction: tf.Tensor4D): tf.Tensor1D {
  return tf.tidy(() => tf.sum(tf.square(flatRows(tf.sub(x, reconstruction))), 1));
}
