// The critic f(u, v) = h · relu(uA + vB + b), its InfoNCE objective over all K² pairs of a batch, and the gradient of that:
//   I = (1/K) Σ_i [ f_ii − ln (1/K) Σ_j exp f_ij ]
//   ∂I/∂f_ij = (1/K) (1[i = j] − softmax_j f_ij)
import type { Stream } from '@gauntlet/api';

/** A [dimension × units], B the same, b [units], h [units], one after the other. */
export interface Critic {
  values: Float64Array;
  dimension: number;
  units: number;
}

/** Glorot's normal law for A, B and h; b is 0. */
export function newCritic(dimension: number, units: number, stream: Stream): Critic {
  const values = new Float64Array(2 * (dimension + 1) * units);
  const [weights, biases] = [2 * dimension * units, (2 * dimension + 1) * units];
  const inner = Math.sqrt(2 / (2 * dimension + units));
  const outer = Math.sqrt(2 / (units + 1));
  for (let i = 0; i < values.length; i++)
    if (i < weights || i >= biases) values[i] = (i < weights ? inner : outer) * stream.normal();
  return { values, dimension, units };
}

/**
 * I over the K pairs of rows u_i, v_i ([K × dimension]), in nats, at most ln K; if `gradient` is given, ∂I/∂values is
 * written into it.
 */
export function infoNce(
  { values, dimension, units }: Critic,
  u: Float64Array,
  v: Float64Array,
  gradient?: Float64Array,
): number {
  const size = dimension * units;
  const A = values.subarray(0, size);
  const B = values.subarray(size, 2 * size);
  const bias = values.subarray(2 * size, 2 * size + units);
  const head = values.subarray(2 * size + units);
  const left = times(u, A, dimension, units);
  const right = times(v, B, dimension, units);
  const K = u.length / dimension;
  for (let at = 0; at < right.length; at++) right[at] += bias[at % units];
  const scores = new Float64Array(K);
  const [onLeft, onRight] = [new Float64Array(K * units), new Float64Array(K * units)];
  const onHead = new Float64Array(units);
  let total = 0;
  for (let i = 0; i < K; i++) {
    let largest = -Infinity;
    for (let j = 0; j < K; j++) {
      let score = 0;
      for (let h = 0; h < units; h++) {
        const z = left[i * units + h] + right[j * units + h];
        if (z > 0) score += z * head[h];
      }
      scores[j] = score;
      if (score > largest) largest = score;
    }
    let sum = 0;
    for (let j = 0; j < K; j++) sum += Math.exp(scores[j] - largest);
    total += scores[i] - largest - Math.log(sum / K);
    if (!gradient) continue;
    for (let j = 0; j < K; j++) {
      const onScore = ((i === j ? 1 : 0) - Math.exp(scores[j] - largest) / sum) / K;
      for (let h = 0; h < units; h++) {
        const z = left[i * units + h] + right[j * units + h];
        if (z <= 0) continue;
        onHead[h] += onScore * z;
        const on = onScore * head[h];
        onLeft[i * units + h] += on;
        onRight[j * units + h] += on;
      }
    }
  }
  if (gradient) {
    gradient.set(transposedTimes(u, onLeft, dimension, units));
    gradient.set(transposedTimes(v, onRight, dimension, units), size);
    gradient.fill(0, 2 * size, 2 * size + units);
    for (let at = 0; at < onRight.length; at++) gradient[2 * size + (at % units)] += onRight[at];
    gradient.set(onHead, 2 * size + units);
  }
  return total / K;
}

/** x [K × d] · w [d × units] */
function times(x: Float64Array, w: Float64Array, d: number, units: number): Float64Array {
  const out = new Float64Array((x.length / d) * units);
  for (let at = 0, row = 0; at < x.length; at += d, row += units)
    for (let c = 0; c < d; c++) for (let h = 0; h < units; h++) out[row + h] += x[at + c] * w[c * units + h];
  return out;
}

/** xᵀ [d × K] · y [K × units] */
function transposedTimes(x: Float64Array, y: Float64Array, d: number, units: number): Float64Array {
  const out = new Float64Array(d * units);
  for (let at = 0, row = 0; at < x.length; at += d, row += units)
    for (let c = 0; c < d; c++) for (let h = 0; h < units; h++) out[c * units + h] += x[at + c] * y[row + h];
  return out;
}
