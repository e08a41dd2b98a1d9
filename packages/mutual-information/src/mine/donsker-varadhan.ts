import { tf } from '@gauntlet/api';
import { permuteRows, type Shuffle } from './permute.js';

/** How pairs from the product of the marginals are made. */
export type Marginals = 'shuffle' | 'all-pairs';

/** relu(a + c)·v for matching rows: a, c [n,K,H], head [n,H,1] → [n,K]. */
function score(a: tf.Tensor3D, c: tf.Tensor3D, head: tf.Tensor): tf.Tensor2D {
  return tf.sum(tf.mul(tf.relu(tf.add(a, c)), transposeHead(head)), 2);
}

const transposeHead = (head: tf.Tensor) => tf.reshape(head, [head.shape[0], 1, head.shape[1]!]);

/**
 * I = mean_k T(u_k, v_k) − log mean exp T(u_i, v_j) over marginal pairs, by log-sum-exp; [n] in nats.
 * Belghazi et al. 2018, equation 10. `shuffle` takes one random permutation, which is noisy and has no upper
 * bound; without one, all K² pairs are taken, the diagonal among them, and I ≤ log K.
 */
export function donskerVaradhan(
  a: tf.Tensor3D,
  c: tf.Tensor3D,
  head: tf.Tensor,
  shuffle?: Shuffle,
): tf.Tensor1D {
  const joint = tf.mean(score(a, c, head), 1);
  if (shuffle) {
    const marginal = score(a, permuteRows(c, shuffle), head);
    return tf.sub(joint, tf.sub(tf.logSumExp(marginal, 1), Math.log(a.shape[1])));
  }
  const [n, k, units] = a.shape;
  const pairs = tf.relu(tf.add(tf.reshape(a, [n, k, 1, units]), tf.reshape(c, [n, 1, k, units])));
  const scores = tf.sum(tf.mul(pairs, tf.reshape(head, [n, 1, 1, units])), 3);
  return tf.sub(joint, tf.sub(tf.logSumExp(tf.reshape(scores, [n, k * k]), 1), 2 * Math.log(k)));
}
