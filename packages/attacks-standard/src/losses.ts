import {
  type ClassifierOutputs,
  type Complaint,
  type Features,
  GauntletError,
  type Goal,
  type GoalSource,
  type Labelled,
  pickAndRest,
  tf,
} from '@gauntlet/api';

export const lossNames = ['auto', 'ce', 'margin', 'dlr', 'goal'] as const;
export type LossName = (typeof lossNames)[number];
type LabelLoss = Exclude<LossName, 'auto' | 'goal'>;

/** What a gradient attack ascends; [n], larger is worse for the victim. */
export type Loss = ((outputs: Pick<ClassifierOutputs, 'logits'> & Partial<Features>) => tf.Tensor1D) &
  Labelled;

/** What is known about the batch that a loss is for. */
interface Batch {
  /** Of an encoder, whose goal is always the spec's, there may be none. */
  labels: Int32Array | undefined;
  targets?: Int32Array;
  goal: Goal;
  goalSource: GoalSource;
}

/** `auto` is cross-entropy for the standard goal, and for a goal of the spec's its criterion. */
const resolve = (name: LossName, goalSource: GoalSource) =>
  name !== 'auto' ? name : goalSource === 'spec' ? 'goal' : 'ce';

/** The loss of some samples of a batch, by their positions in it. `goal`: −criterion. */
export function lossOf(
  name: LossName,
  { labels, targets, goal, goalSource }: Batch,
  rows: readonly number[],
): Loss {
  const resolved = resolve(name, goalSource);
  if (resolved === 'goal') {
    const criterion = goal(rows);
    const { labelLoss: known } = criterion;
    return Object.assign((outputs: Parameters<Loss>[0]) => tf.neg(criterion.value(outputs)), {
      labelLoss: known && { ...known, sign: known.sign === 1 ? (-1 as const) : (1 as const) },
    });
  }
  const pick = (from: Int32Array) => Int32Array.from(rows, (row) => from[row]!);
  if (!labels) throw new GauntletError('attack-params', `loss: ${resolved} needs labels. Use loss: goal.`);
  return labelLoss(resolved, pick(labels), targets && pick(targets));
}

/** Is the loss minus the criterion itself? */
export const ascendsGoal = (name: LossName, goalSource: GoalSource): boolean =>
  resolve(name, goalSource) === 'goal';

/** A loss of the labels leads nowhere near another goal than the standard one. */
export const lossComplaints =
  (attack: string) =>
  ({ loss }: { loss: LossName }, { goalSource }: { goalSource: GoalSource }): Complaint[] =>
    goalSource === 'spec' && !ascendsGoal(loss, goalSource)
      ? [
          {
            path: ['loss'],
            message: `${attack} with "loss: ${loss}" goes by the labels and would not pursue the criterion. Write "loss: goal", or leave it out.`,
          },
        ]
      : [];

/**
 * `ce`: cross-entropy log Σ exp z − z_y (not tf.losses, which halves gradients of very confident images).
 * `margin`: max_{k≠y} z_k − z_y (Carlini & Wagner 2017).
 * `dlr`: the difference-of-logits ratio of Croce & Hein 2020, equations 6 and (targeted) 7; it needs 3 classes, 4 if
 * targeted.
 */
function labelLoss(name: LabelLoss, labels: Int32Array, targets?: Int32Array): Loss {
  if (name === 'dlr' && targets) return towards('dlr', labels, targets);
  const aim = targets ?? labels;
  const sign = targets ? -1 : 1;
  const loss: Loss = ({ logits }) =>
    tf.tidy(() => {
      const { picked, rest } = pickAndRest(logits, aim);
      if (name === 'ce') return tf.mul(tf.sub(tf.logSumExp(logits, 1), picked), sign);
      if (name === 'margin') return tf.mul(tf.sub(rest, picked), sign);
      const [first, third] = ranked(logits, [0, 2]);
      return tf.div(tf.sub(rest, picked), tf.add(tf.sub(first!, third!), 1e-12));
    });
  return Object.assign(loss, { labelLoss: { name, aim, sign } as const });
}

/**
 * Of a class t that each sample is led to: `margin`, z_t − z_y, or `dlr`, the same divided by z_π1 − ½ (z_π3 + z_π4)
 * (Croce & Hein 2020, equation 7), π the order of the logits from the largest; needs 4 classes.
 */
export function towards(name: 'margin' | 'dlr', labels: Int32Array, targets: Int32Array): Loss {
  const loss: Loss = ({ logits }) =>
    tf.tidy(() => {
      const classes = logits.shape[1];
      const signs = new Float32Array(logits.size);
      labels.forEach((label, row) => (signs[row * classes + label]! -= 1));
      targets.forEach((target, row) => (signs[row * classes + target]! += 1));
      const margin: tf.Tensor1D = tf.sum(tf.mul(logits, tf.tensor2d(signs, logits.shape)), 1);
      if (name === 'margin') return margin;
      const [first, third, fourth] = ranked(logits, [0, 2, 3]);
      return tf.div(margin, tf.add(tf.sub(first!, tf.mul(tf.add(third!, fourth!), 0.5)), 1e-12));
    });
  const labelLoss = { name: 'dlr-targeted', aim: labels, target: targets, sign: 1 } as const;
  return name === 'dlr' ? Object.assign(loss, { labelLoss }) : loss;
}

/**
 * The logits of each row that have these ranks (0 is the largest), [n] each. Which ones they are counts as a constant: topk
 * has no gradient.
 */
function ranked(logits: tf.Tensor2D, ranks: readonly number[]): tf.Tensor1D[] {
  const [n, classes] = logits.shape;
  const masks = tf.customGrad((z) => ({
    // [ranks, n, classes]
    value: tf.tidy(() => {
      const order = tf.topk(z as tf.Tensor2D, Math.max(...ranks) + 1).indices;
      const chosen = ranks.map((rank) => tf.slice(order, [0, rank], [-1, 1]));
      const flat = tf.reshape(tf.concat(chosen), [-1]) as tf.Tensor1D;
      return tf.reshape(tf.cast(tf.oneHot(flat, classes), 'float32'), [ranks.length, n, classes]);
    }),
    gradFunc: (dy: tf.Tensor) => tf.zeros([n, classes], dy.dtype),
  }))(logits);
  return tf.unstack(tf.sum(tf.mul(logits, masks), 2)) as tf.Tensor1D[];
}

/** The ratio's denominator is made of lower-ranked logits; there have to be some. */
export function assertClasses(loss: LossName, classes: number, targeted: boolean): void {
  const needed = targeted ? 4 : 3;
  if (loss === 'dlr' && classes < needed) {
    throw new GauntletError(
      'attack-params',
      `loss: dlr needs ${needed} classes here, the victim has ${classes}. Use loss: margin.`,
    );
  }
}
