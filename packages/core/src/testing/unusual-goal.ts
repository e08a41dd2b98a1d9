import * as tf from '@tensorflow/tfjs-core';
import { isMet, pickAndRest, type Goal, type VictimOutputs } from '../attacks/criteria.js';
import { flatRows } from '../tensors/rows.js';
import { tidyAsync } from '../tensors/scope.js';
import type { LinearOracle } from './linear-victim.js';

/** By how much the number below has to rise. */
const rise = 1;

/**
 * A goal that lies the other way than the standard one, so that an attack comes near it only by minimising its criterion:
 * a classifier's logit of the label rises, an autoencoder's reconstruction moves away from grey.
 */
export async function unusualGoal({ victim, shape, images, labels }: LinearOracle): Promise<Goal> {
  const height = ({ logits, reconstruction }: VictimOutputs, rows: readonly number[]) =>
    logits
      ? pickAndRest(
          logits,
          Int32Array.from(rows, (row) => labels[row]),
        ).picked
      : (tf.sum(tf.square(flatRows(tf.sub(reconstruction!, 0.5))), 1) as tf.Tensor1D);
  const all = [...labels.keys()];
  const clean = await tidyAsync(async () =>
    height(await victim.predict(tf.tensor4d(images, [all.length, ...shape])), all),
  );
  const before = await clean.data();
  clean.dispose();
  return (rows) => ({
    name: 'unusual',
    value: (outputs) =>
      tf.tidy(() => {
        const needed = tf.tensor1d(rows.map((row) => before[row] + rise));
        return tf.sub(needed, height(outputs, rows));
      }),
  });
}

/** Remembers the smallest criterion of each sample that an attack has seen, up to its first success. */
export class Smallest {
  readonly values: Float64Array;
  readonly #goal: Goal;

  constructor(goal: Goal, n: number) {
    this.#goal = goal;
    this.values = new Float64Array(n).fill(Infinity);
  }

  readonly see = async (rows: readonly number[], _: tf.Tensor4D, outputs: VictimOutputs): Promise<void> => {
    const value = this.#goal(rows).value(outputs);
    const numbers = await value.data();
    value.dispose();
    rows.forEach((row, i) => {
      if (!isMet(this.values[row])) this.values[row] = Math.min(this.values[row], numbers[i]);
    });
  };
}
