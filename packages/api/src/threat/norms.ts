import { tf } from '../tf.js';
import type { BatchRandom } from '../random/streams.js';
import { knownValues, tensorOf } from '../tensors/host-values.js';
import { flatRows, perRow, scaleRows } from '../tensors/rows.js';
import type { NormName } from './threat-model.js';

/** Everything that differs between norms. δ and gradients are [n,h,w,c]; lengths are [n]. */
export interface Norm {
  readonly name: NormName;
  length(delta: tf.Tensor4D): tf.Tensor1D;
  /** The nearest point of the ball of radius ε (for L1 and L2: along the usual projections). */
  project(delta: tf.Tensor4D, epsilon: number): tf.Tensor4D;
  /** The direction of steepest ascent, of length 1 in this norm (0 where the gradient is 0). */
  direction(gradient: tf.Tensor4D): tf.Tensor4D;
  /** A point of the ball, uniform in volume, from each sample's own stream. */
  randomStart(random: BatchRandom, shape: readonly number[], epsilon: number): tf.Tensor4D;
}

const tiny = 1e-12;

/**
 * sign(x) by comparison: wasm's tf.sign gives 0 below 1.1e-7, where gradients of confident images are. NaN where x is
 * NaN, so that an attack which loses its way is seen to.
 */
export function exactSign<T extends tf.Tensor>(x: T): T {
  const known = knownValues(x);
  // One pass over the numbers instead of eight operations, where an engine has them on the host.
  if (known) return tensorOf(signsOf(known), x.shape as [number]) as tf.Tensor as T;
  return tf.tidy(() => {
    const above = tf.cast(tf.greater(x, 0), 'float32');
    const below = tf.cast(tf.less(x, 0), 'float32');
    // What is no number does not equal itself: 0 / 0.
    return tf.div(tf.sub(above, below), tf.cast(tf.equal(x, x), 'float32'));
  });
}

function signsOf(values: Float32Array): Float32Array {
  const signs = new Float32Array(values.length);
  // Of −0 the sign is 0, as by comparison.
  for (let i = 0; i < values.length; i++) signs[i] = Math.sign(values[i]) + 0;
  return signs;
}

/** Between two limits; what is not finite becomes NaN, where tf.clipByValue may make a number of it. */
const clip = (x: tf.Tensor4D, low: number, high: number): tf.Tensor4D =>
  tf.tidy(() => tf.add(tf.clipByValue(x, low, high), tf.mul(x, 0)));

const linf: Norm = {
  name: 'linf',
  length: (delta) => tf.tidy(() => tf.max(tf.abs(flatRows(delta)), 1)),
  project: (delta, epsilon) => clip(delta, -epsilon, epsilon),
  direction: exactSign,
  randomStart: (random, shape, epsilon) =>
    random.tensor('start', shape, (stream) => stream.uniform(-epsilon, epsilon)) as tf.Tensor4D,
};

const l2: Norm = {
  name: 'l2',
  // Scaled by the largest entry first: squares of gradients of confident images underflow.
  length: (delta) =>
    tf.tidy(() => {
      const largest = tf.maximum(linf.length(delta), 1e-37);
      const scaled = flatRows(tf.div(delta, perRow(largest, 4)));
      return tf.mul(tf.sqrt(tf.sum(tf.square(scaled), 1)), largest);
    }),
  project: (delta, epsilon) =>
    tf.tidy(() => scaleRows(delta, tf.minimum(1, tf.div(epsilon, tf.maximum(l2.length(delta), tiny))))),
  direction: (gradient) =>
    tf.tidy(() => {
      const largest = tf.maximum(linf.length(gradient), 1e-37);
      const scaled = tf.div(gradient, perRow(largest, 4)) as tf.Tensor4D;
      return tf.div(scaled, perRow(tf.maximum(l2.length(scaled), tiny), 4));
    }),
  randomStart: (random, shape, epsilon) =>
    tf.tidy(() => {
      const d = shape.reduce((a, b) => a * b, 1);
      const direction = l2.direction(
        random.tensor('start', shape, (stream) => stream.normal()) as tf.Tensor4D,
      );
      const radius = random.tensor('start-radius', [], (stream) => epsilon * stream.uniform() ** (1 / d));
      return scaleRows(direction, radius);
    }),
};

/** Share of the coordinates that an L1 step moves (Tramèr & Boneh 2019, sparse steepest ascent). */
const l1Share = 0.01;

const l1: Norm = {
  name: 'l1',
  length: (delta) => tf.tidy(() => tf.sum(tf.abs(flatRows(delta)), 1)),
  /** Duchi et al. 2008: soft-threshold so that the absolute values sum to ε. */
  project: (delta, epsilon) =>
    tf.tidy(() => {
      const flat = flatRows(delta);
      const d = flat.shape[1];
      const sorted = tf.topk(tf.abs(flat), d).values;
      const excess = tf.sub(tf.cumsum(sorted, 1), epsilon);
      const rank = tf.range(1, d + 1);
      const support = tf.sum(tf.cast(tf.greater(tf.mul(sorted, rank), excess), 'int32'), 1);
      const last = tf.oneHot(
        tf.cast(tf.maximum(tf.sub(support, 1), 0), 'int32') as tf.Tensor1D,
        d,
      ) as tf.Tensor2D;
      const threshold = tf.div(tf.sum(tf.mul(excess, tf.cast(last, 'float32')), 1), tf.maximum(support, 1));
      const shrink = tf.maximum(tf.sub(tf.abs(flat), tf.reshape(tf.maximum(threshold, 0), [-1, 1])), 0);
      return tf.reshape(tf.mul(exactSign(flat), shrink), delta.shape);
    }),
  direction: (gradient) =>
    tf.tidy(() => {
      const flat = flatRows(gradient);
      const k = Math.max(1, Math.floor(l1Share * flat.shape[1]));
      const size = tf.abs(flat);
      const smallest = tf.slice(tf.topk(size, k).values, [0, k - 1], [-1, 1]);
      const chosen = tf.cast(tf.logicalAnd(tf.greaterEqual(size, smallest), tf.greater(size, 0)), 'float32');
      const count = tf.maximum(tf.sum(chosen, 1, true), 1);
      return tf.reshape(tf.div(tf.mul(exactSign(flat), chosen), count), gradient.shape);
    }),
  randomStart: (random, shape, epsilon) =>
    tf.tidy(() => {
      const d = shape.reduce((a, b) => a * b, 1);
      const signed = random.tensor('start', shape, (stream) => {
        const size = -Math.log(1 - stream.uniform());
        return stream.uniform() < 0.5 ? -size : size;
      }) as tf.Tensor4D;
      const radius = random.tensor('start-radius', [], (stream) => epsilon * stream.uniform() ** (1 / d));
      return scaleRows(signed, tf.div(radius, tf.maximum(l1.length(signed), tiny)));
    }),
};

export const norms: Record<NormName, Norm> = { linf, l2, l1 };

/** x + δ inside both the ball around x and the box: what an attack returns. NaN where δ is NaN. */
export function stayInside(
  x: tf.Tensor4D,
  delta: tf.Tensor4D,
  norm: Norm,
  epsilon: number,
  [low, high]: readonly [number, number],
): tf.Tensor4D {
  return tf.tidy(() => clip(tf.add(x, norm.project(delta, epsilon)), low, high));
}
