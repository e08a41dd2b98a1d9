import * as tf from '@tensorflow/tfjs-core';
import type { Ball, ThreatModel } from '@gauntlet/api';

/** float32 arithmetic on x + δ may leave the ball or the box by rounding; this share of the range is forgiven. */
export const boxRounding = 2e-6;
/** A sum over d values rounds d times; relative to ε that is far below this. */
export const ballRounding = 1e-4;

/** Which rows of x′ [n,d] are perturbed and within box and threat model: bool [n]. */
export function perThreat(
  clean: tf.Tensor2D,
  perturbed: tf.Tensor2D,
  [low, high]: readonly [number, number],
  threat: ThreatModel,
): tf.Tensor1D {
  return tf.tidy(() => {
    const slack = boxRounding * (high - low);
    const inBox = tf.logicalAnd(
      tf.greaterEqual(tf.min(perturbed, 1), low - slack),
      tf.lessEqual(tf.max(perturbed, 1), high + slack),
    );
    const change = tf.abs(tf.sub(perturbed, clean));
    const largest = tf.max(change, 1);
    const allowed = tf.logicalAnd(inBox, tf.greater(largest, 0)) as tf.Tensor1D;
    return ballsOf(threat).reduce((inside, { norm, epsilon }) => {
      const length = {
        linf: () => largest,
        l2: () => tf.sqrt(tf.sum(tf.square(change), 1)),
        l1: () => tf.sum(change, 1),
      }[norm]();
      return tf.logicalAnd(inside, tf.lessEqual(length, epsilon * (1 + ballRounding) + slack));
    }, allowed);
  });
}

/** What δ has to be inside of: the attack's own ball, unless only the box binds it, and then that of the spec. */
export function ballsOf({ norm, epsilon, also }: ThreatModel): Ball[] {
  return [...(norm === 'none' ? [] : [{ norm, epsilon }]), ...(also ? [also] : [])];
}
