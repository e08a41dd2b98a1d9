import { tf } from '@gauntlet/api';

/** Probabilities are kept this far from 0 and 1 before their logarithm is taken. */
const margin = 1e-7;

/** Mean over everything of (x − r)². */
export const meanSquaredError = (x: tf.Tensor, r: tf.Tensor): tf.Scalar =>
  tf.tidy(() => tf.mean(tf.square(tf.sub(x, r))));

/** Mean over everything of −x log r − (1 − x) log(1 − r), for x and r in [0, 1]. */
export function binaryCrossEntropy(x: tf.Tensor, r: tf.Tensor): tf.Scalar {
  return tf.tidy(() => {
    const p = tf.clipByValue(r, margin, 1 - margin);
    const negative = tf.mul(tf.sub(1, x), tf.log(tf.sub(1, p)));
    return tf.neg(tf.mean(tf.add(tf.mul(x, tf.log(p)), negative)));
  });
}

/** Mean of log Σ exp z − z_y; y is one-hot. */
export function crossEntropy(y: tf.Tensor, logits: tf.Tensor): tf.Scalar {
  return tf.tidy(() => tf.mean(tf.sub(tf.logSumExp(logits, 1), tf.sum(tf.mul(y, logits), 1))));
}

/** Mean of log(1 + exp(−s z)): z are logits of "real", s is 1 where that is true and −1 where it is not. */
export function logistic(logits: tf.Tensor, sign: 1 | -1): tf.Scalar {
  return tf.tidy(() => tf.mean(tf.softplus(tf.mul(logits, -sign))));
}

/** Mean over units j of KL(ρ ‖ ρ̂_j), ρ̂_j the mean activation of the unit over the batch; activations [n, units] in (0, 1). */
export function sparsity(activations: tf.Tensor, rho: number): tf.Scalar {
  return tf.tidy(() => {
    const mean = tf.clipByValue(tf.mean(activations, 0), margin, 1 - margin);
    const active = tf.mul(rho, tf.log(tf.div(rho, mean)));
    const silent = tf.mul(1 - rho, tf.log(tf.div(1 - rho, tf.sub(1, mean))));
    return tf.mean(tf.add(active, silent));
  });
}
