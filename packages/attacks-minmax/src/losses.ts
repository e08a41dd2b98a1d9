import * as tf from '@tensorflow/tfjs-core';
import { pickAndRest, type ClassifierOutputs } from '@gauntlet/core';

export const lossNames = ['ce', 'margin', 'dlr'] as const;
export type LossName = (typeof lossNames)[number];

/** What a gradient attack ascends; [n], larger is worse for the victim. */
export type Loss = (outputs: Pick<ClassifierOutputs, 'logits'>) => tf.Tensor1D;

/**
 * `ce`: cross-entropy log Σ exp z − z_y (not tf.losses, which halves gradients of very confident images).
 * `margin`: max_{k≠y} z_k − z_y (Carlini & Wagner 2017).
 * `dlr`: the difference-of-logits ratio of Croce & Hein 2020, equations 6 and (targeted) 7.
 */
export function lossOf(name: LossName, labels: Int32Array, targets?: Int32Array): Loss {
  const aim = targets ?? labels;
  const sign = targets ? -1 : 1;
  return ({ logits }) =>
    tf.tidy(() => {
      const { picked, rest } = pickAndRest(logits, aim);
      if (name === 'ce') return tf.mul(tf.sub(tf.logSumExp(logits, 1), picked), sign);
      if (name === 'margin') return tf.mul(tf.sub(rest, picked), sign);
      const sorted = tf.topk(logits, Math.min(4, logits.shape[1])).values;
      const [first, third, fourth] = [0, 2, 3].map((rank) => column(sorted, Math.min(rank, sorted.shape[1] - 1)));
      if (!targets) return tf.div(tf.sub(rest, picked), tf.add(tf.sub(first, third), 1e-12));
      const { picked: own } = pickAndRest(logits, labels);
      const scale = tf.sub(first, tf.mul(tf.add(third, fourth), 0.5));
      return tf.div(tf.sub(picked, own), tf.add(scale, 1e-12));
    });
}

const column = (rows: tf.Tensor, i: number) => tf.reshape(tf.slice(rows, [0, i], [-1, 1]), [-1]);
