import { flatRows, type Goal, isMet, pickAndRest, tidyAsync, type VictimOutputs, tf } from '@gauntlet/api';
import type { Look, Watcher } from '@gauntlet/core';
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
export class Smallest implements Watcher {
  readonly values: Float64Array;
  readonly #goal: Goal;

  constructor(goal: Goal, n: number) {
    this.#goal = goal;
    this.values = new Float64Array(n).fill(Infinity);
  }

  async look(rows: readonly number[], _: tf.Tensor4D, outputs: VictimOutputs): Promise<Look> {
    const seen = ([criterion]: Float32Array[]) =>
      rows.forEach((row, i) => {
        if (!isMet(this.values[row])) this.values[row] = Math.min(this.values[row], criterion[i]);
      });
    return { tensors: [this.#goal(rows).value(outputs)], seen };
  }
}
