import { tf } from '../tf.js';
import type { Labelled } from '../objective.js';
import { flatRows } from '../tensors/rows.js';
import type { AutoencoderOutputs, ClassifierOutputs, EncoderOutputs } from '../victim-kinds.js';

// Three words, each for one thing:
//   objective  a pure function of the victim's outputs in tfjs operations, one number per sample. Losses are objectives.
//   criterion  the objective of some samples whose sign says that the goal is met: see `Criterion` and `isMet`.
//   goal       what is to be achieved with a batch: gives the criterion of any of its samples. It is the standard one
//              of the victim's kind, or one that the spec sets: see `Goal` and `GoalSource`.

/**
 * An objective that says by its sign whether the goal is met for some samples of a batch: [n] float32 numbers, met where
 * `isMet`. The attack, the watch and the referee all ask the same criterion. It is built for the samples at hand: an
 * attack whose samples leave the batch builds it again for those that stay.
 */
export interface Criterion<O> extends Labelled {
  readonly name: string;
  value(outputs: O): tf.Tensor1D;
}

/** Is the goal met where its criterion has this value (float32)? A tie, 0, is met; NaN never is. */
export const isMet = (value: number): boolean => value <= 0;

/** A criterion as an objective, which an engine that knows it by name differentiates together with the model. */
export const objectiveOf = <O>(criterion: Criterion<O>): ((outputs: O) => tf.Tensor1D) & Labelled =>
  Object.assign((outputs: O) => criterion.value(outputs), { labelLoss: criterion.labelLoss });

/** Everything that some victim gives; a criterion takes what its victims have. */
export type VictimOutputs = Partial<ClassifierOutputs & AutoencoderOutputs & EncoderOutputs>;

/** What is to be achieved with a batch: gives the criterion of some of its samples, by their positions in it. */
export type Goal = (rows: readonly number[]) => Criterion<VictimOutputs>;

/**
 * Whose goal it is. `standard`: that of the victim's kind (misclassified, or classified as the target; reconstructed no
 * worse), which looks at the victim's output alone. `spec`: the spec sets a `criterion`, which may look at features, too.
 */
export type GoalSource = 'standard' | 'spec';

/** A big number that float32 subtracts without loss for the entries it is not meant for. */
const far = 1e9;

/** z at one class per row, and the largest z among the other classes. */
export function pickAndRest(
  logits: tf.Tensor2D,
  classes: Int32Array,
): { picked: tf.Tensor1D; rest: tf.Tensor1D } {
  const shape = logits.shape;
  const [one, away] = [new Float32Array(logits.size), new Float32Array(logits.size)];
  classes.forEach((k, row) => {
    // As with tf.oneHot, a class that there is not is nowhere.
    if (k < 0 || k >= shape[1]) return;
    one[row * shape[1] + k] = 1;
    away[row * shape[1] + k] = far;
  });
  return {
    picked: tf.sum(tf.mul(logits, tf.tensor2d(one, shape)), 1),
    rest: tf.max(tf.sub(logits, tf.tensor2d(away, shape)), 1),
  };
}

/** f = z_y − max_{k≠y} z_k + κ: taken for another class, by a margin of κ logits. */
export function misclassified(labels: Int32Array, kappa = 0): Criterion<Pick<ClassifierOutputs, 'logits'>> {
  return {
    name: 'misclassified',
    labelLoss: kappa === 0 ? { name: 'margin', aim: labels, sign: -1 } : undefined,
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
    labelLoss: kappa === 0 ? { name: 'margin', aim: targets, sign: 1 } : undefined,
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
    errorLoss: { name: 'error', target: x, less: cleanLoss, sign: 1 },
    value: ({ reconstruction }) => tf.tidy(() => tf.sub(reconstructionLoss(x, reconstruction), cleanLoss)),
  };
}

/** ‖x − r‖² per sample: [n]. */
export function reconstructionLoss(x: tf.Tensor4D, reconstruction: tf.Tensor4D): tf.Tensor1D {
  return tf.tidy(() => tf.sum(tf.square(flatRows(tf.sub(x, reconstruction))), 1));
}
