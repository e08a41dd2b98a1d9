import { tf } from '../tf.js';
import { takeRows } from '../tensors/rows.js';
import type { Features } from '../victim-kinds.js';
import { anyLabelWrong, type LabelSets, pickSets } from './label-sets.js';
import { classifiedAs, type Goal, type GoalSource, misclassified, reconstructedNoWorse } from './criteria.js';

/** What the standard goal of a batch is made from; tensors stay with the caller. */
export type GoalInput =
  | {
      kind: 'classifier';
      /** [n] */
      labels: Int32Array;
      /** [n] classes to aim at, if the attack is targeted. */
      targets?: Int32Array;
    }
  | { kind: 'multi-label'; labelSets: LabelSets }
  | {
      kind: 'autoencoder';
      /** [n,h,w,c] clean inputs */
      x: tf.Tensor4D;
      /** [n] the victim's loss on the clean inputs. */
      cleanLoss: ArrayLike<number>;
    };

/**
 * Misclassified or classified as the target; for a multi-label classifier, wrong about any label; for an autoencoder,
 * reconstructed no worse than the clean input.
 */
export function standardGoal(input: GoalInput): Goal {
  const pick = (from: Int32Array, rows: readonly number[]) => Int32Array.from(rows, (row) => from[row]);
  if (input.kind === 'classifier') {
    const { labels, targets } = input;
    return (rows) => (targets ? classifiedAs(pick(targets, rows)) : misclassified(pick(labels, rows)));
  }
  if (input.kind === 'multi-label') {
    const { labelSets } = input;
    return (rows) => anyLabelWrong(pickSets(labelSets, rows));
  }
  const { x, cleanLoss } = input;
  return (rows) => {
    const loss = tf.tensor1d(Float32Array.from(rows, (row) => cleanLoss[row]));
    const whole = rows.length === x.shape[0] && rows.every((row, i) => row === i);
    return reconstructedNoWorse(whole ? x : takeRows(x, rows), loss);
  };
}

/**
 * What a victim says of x [n,h,w,c], with everything that a goal's criterion may look at: a goal of the spec's also gets
 * the features, which have to be asked for.
 */
export async function predictFor<S extends object>(
  goalSource: GoalSource,
  victim: { predict(x: tf.Tensor4D): Promise<S>; features(x: tf.Tensor4D): Promise<Features> },
  x: tf.Tensor4D,
): Promise<S & Partial<Features>> {
  const outputs = await victim.predict(x);
  return goalSource === 'spec' ? { ...outputs, ...(await victim.features(x)) } : outputs;
}
