import * as tf from '@tensorflow/tfjs-core';
import { GauntletError, pickAndRest, type ClassifierOutputs } from '@gauntlet/core';

export const lossNames = ['ce', 'margin', 'dlr'] as const;
export type LossName = (typeof lossNames)[number];

/** What a gradient attack ascends; [n], larger is worse for the victim. */
export type Loss = (outputs: Pick<ClassifierOutputs, 'logits'>) => tf.Tensor1D;

/**
 * `ce`: cross-entropy log Σ exp z − z_y (not tf.losses, which halves gradients of very confident images).
 * `margin`: max_{k≠y} z_k − z_y (Carlini & Wagner 2017).
 * `dlr`: the difference-of-logits ratio of Croce & Hein 2020, equations 6 and (targeted) 7; it needs 3 classes, 4 if
 * targeted.
 */
export function lossOf(name: LossName, labels: Int32Array, targets?: Int32Array): Loss {
  const aim = targets ?? labels;
  const sign = targets ? -1 : 1;
  return ({ logits }) =>
    tf.tidy(() => {
      const { picked, rest } = pickAndRest(logits, aim);
      if (name === 'ce') return tf.mul(tf.sub(tf.logSumExp(logits, 1), picked), sign);
      if (name === 'margin') return tf.mul(tf.sub(rest, picked), sign);
      const [first, third, fourth] = [0, 2, 3].map((rank) => ranked(logits, rank));
      if (!targets) return tf.div(tf.sub(rest, picked), tf.add(tf.sub(first, third), 1e-12));
      const { picked: own } = pickAndRest(logits, labels);
      const scale = tf.sub(first, tf.mul(tf.add(third, fourth), 0.5));
      return tf.div(tf.sub(picked, own), tf.add(scale, 1e-12));
    });
}

/** The rank-th largest logit of each row (0 is the largest). Which one it is counts as a constant: topk has no gradient. */
function ranked(logits: tf.Tensor2D, rank: number): tf.Tensor1D {
  const classes = logits.shape[1];
  const mask = tf.customGrad((z) => ({
    value: tf.tidy(() => {
      const order = tf.topk(z as tf.Tensor2D, rank + 1).indices;
      const chosen = tf.reshape(tf.slice(order, [0, rank], [-1, 1]), [-1]) as tf.Tensor1D;
      return tf.cast(tf.oneHot(chosen, classes), 'float32');
    }),
    gradFunc: (dy: tf.Tensor) => tf.zerosLike(dy),
  }))(logits);
  return tf.sum(tf.mul(logits, mask), 1);
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
