import { type Ball, type LengthName, type ThreatModel, tf } from '@gauntlet/api';

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
        l0: () => tf.sum(tf.cast(tf.greater(change, 0), 'float32'), 1),
      }[norm]();
      return tf.logicalAnd(inside, tf.lessEqual(length, epsilon * (1 + ballRounding) + slack));
    }, allowed);
  });
}

/**
 * The same where the values are on the host, one row at a time: x and x′ [d]. A backend in WebAssembly takes a dozen
 * operations and about twice as long.
 */
export function perThreatOnHost(
  [low, high]: readonly [number, number],
  threat: ThreatModel,
): (clean: Float32Array, perturbed: Float32Array) => boolean {
  const slack = boxRounding * (high - low);
  const [least, most] = [low - slack, high + slack];
  const longest = (norm: LengthName) =>
    Math.min(
      ...ballsOf(threat).map((ball) =>
        ball.norm === norm ? ball.epsilon * (1 + ballRounding) + slack : Infinity,
      ),
    );
  const [linf, l2, l1, l0] = [longest('linf'), longest('l2'), longest('l1'), longest('l0')];
  return (clean, perturbed) => {
    // No branch here depends on one pixel alone, as those that guess wrong cost more than the arithmetic.
    let same = 0;
    while (same < clean.length && perturbed[same] === clean[same]) same++;
    if (same === clean.length) return false;
    for (let i = 0; i < clean.length; i++) {
      const value = perturbed[i];
      // What is no number is inside of nothing.
      if (!(Math.abs(value - clean[i]) <= linf) || value < least || value > most) return false;
    }
    return (
      (l2 === Infinity || l2LengthOf(clean, perturbed) <= l2) &&
      (l1 === Infinity || l1LengthOf(clean, perturbed) <= l1) &&
      (l0 === Infinity || changedIn(clean, perturbed) <= l0)
    );
  };
}

function l2LengthOf(clean: Float32Array, perturbed: Float32Array): number {
  let squares = 0;
  for (let i = 0; i < perturbed.length; i++) squares += (perturbed[i] - clean[i]) ** 2;
  return Math.sqrt(squares);
}

function l1LengthOf(clean: Float32Array, perturbed: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < perturbed.length; i++) sum += Math.abs(perturbed[i] - clean[i]);
  return sum;
}

function changedIn(clean: Float32Array, perturbed: Float32Array): number {
  let count = 0;
  for (let i = 0; i < perturbed.length; i++) if (perturbed[i] !== clean[i]) count++;
  return count;
}

/** What δ has to be inside of: the attack's own ball, unless only the box binds it, and then that of the spec. */
export function ballsOf({ norm, epsilon, also }: ThreatModel): Ball[] {
  return [...(norm === 'none' ? [] : [{ norm, epsilon }]), ...(also ? [also] : [])];
}
