import { type Classifier, type Goal, type GoalSource, predictFor, tf } from '@gauntlet/api';
import type { Loss } from './losses.js';

/** What is attacked, and what is to be achieved. */
export interface Scene {
  victim: Classifier;
  goal: Goal;
  goalSource: GoalSource;
}

export interface Look {
  /** [n] the criterion, met where `isMet`. */
  f: Float32Array;
  /** [n] */
  loss: Float32Array;
  /** [n,h,w,c] of the loss; absent where none was asked for. */
  gradient?: tf.Tensor4D;
  /** [n] what was asked to be read, too. */
  also?: Float32Array;
}

interface Asked {
  loss: Loss;
  /** The loss is minus the criterion, which then has not to be computed once more. */
  isGoal: boolean;
  /** Only looks: a forward pass instead of a gradient. */
  last: boolean;
  /** [n] that is read with the rest. */
  also?: tf.Tensor1D;
}

/** What the victim shows of some samples of a batch at x [rows.length,h,w,c]: one pass, one read. */
export async function look(
  { victim, goal, goalSource }: Scene,
  rows: readonly number[],
  x: tf.Tensor4D,
  { loss, isGoal, last, also }: Asked,
): Promise<Look> {
  const criterion = goal(rows);
  const view = victim.rows(rows);
  const seen = async () => {
    if (last) {
      const outputs = await predictFor(goalSource, view, x);
      return { f: criterion.value(outputs), value: loss(outputs) };
    }
    const { outputs, value, gradient } = await view.differentiate(x, loss);
    // These outputs are without the features that a criterion of the spec's may look at.
    return { f: isGoal ? tf.neg(value) : criterion.value(outputs), value, gradient };
  };
  const { f, value, gradient } = await seen();
  const n = rows.length;
  const values = (await tf.stack(also ? [f, value, also] : [f, value]).data()) as Float32Array;
  const [criteria, losses, others] = [0, 1, 2].map((i) => values.subarray(i * n, (i + 1) * n));
  return { f: criteria!, loss: losses!, gradient, also: also && others };
}
