import * as tf from '@tensorflow/tfjs-core';
import { takeRows } from '../tensors/rows.js';
import { classifiedAs, misclassified, reconstructedNoWorse, type Goal } from './criteria.js';

/** What the goal of a batch is made from; tensors stay with the caller. */
export interface GoalInput {
  kind: 'classifier' | 'autoencoder';
  /** [n,h,w,c] clean inputs */
  x: tf.Tensor4D;
  /** [n] */
  labels: Int32Array;
  /** [n] classes to aim at, if the attack is targeted. */
  targets?: Int32Array;
  /** [n] the victim's loss on the clean inputs. */
  cleanLoss: ArrayLike<number>;
}

/** Misclassified or classified as the target; for an autoencoder, reconstructed no worse than the clean input. */
export function standardGoal({ kind, x, labels, targets, cleanLoss }: GoalInput): Goal {
  const pick = (from: Int32Array, rows: readonly number[]) => Int32Array.from(rows, (row) => from[row]);
  if (kind === 'classifier')
    return (rows) => (targets ? classifiedAs(pick(targets, rows)) : misclassified(pick(labels, rows)));
  return (rows) => {
    const loss = tf.tensor1d(Float32Array.from(rows, (row) => cleanLoss[row]));
    return reconstructedNoWorse(rows.length === x.shape[0] ? x : takeRows(x, rows), loss);
  };
}
