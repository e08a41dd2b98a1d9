// Kraskov, Stögbauer, Grassberger, "Estimating mutual information", Physical Review E 69, 066138 (2004), algorithm 1:
//   I = ψ(k) − ⟨ψ(n_u + 1) + ψ(n_v + 1)⟩ + ψ(N)                                                          (equation 8)
// with ρ_i the distance from (u_i, v_i) to its k-th neighbour, max(‖u_i − u_j‖, ‖v_i − v_j‖) the distance of two pairs, and
// n_u, n_v the numbers of other points with ‖u_i − u_j‖ < ρ_i and ‖v_i − v_j‖ < ρ_i. Norms within a side are Euclidean.
import { Stream } from '@gauntlet/api';
import type { Pairs } from '../samples.js';
import { digamma } from './digamma.js';

/** I in nats, at least 0. All pairs of positions are looked at: the time grows as count². */
export function ksg({ u, v, count, dimension }: Pairs, k: number): number {
  if (count <= k)
    throw new RangeError(
      `k is ${k}, but an image has ${count} positions: take a smaller k, or more positions`,
    );
  const [a, b] = [withoutTies(u, 'u'), withoutTies(v, 'v')];
  const [inU, inV] = [new Float64Array(count), new Float64Array(count)];
  const nearest = new Float64Array(k);
  let sum = 0;
  for (let i = 0; i < count; i++) {
    distances(a, i, dimension, inU);
    distances(b, i, dimension, inV);
    const radius = kthSmallest(inU, inV, i, nearest);
    let [nu, nv] = [0, 0];
    for (let j = 0; j < count; j++) {
      if (inU[j] < radius) nu++;
      if (inV[j] < radius) nv++;
    }
    // The point itself, at distance 0, is the one that is added.
    sum += digamma(nu) + digamma(nv);
  }
  return Math.max(0, digamma(k) - sum / count + digamma(count));
}

/** Where many points are the same (a flat background), order among them is by chance: noise of 10⁻¹⁰, as in the paper. */
function withoutTies(rows: Float64Array, side: string): Float64Array {
  const stream = new Stream('ksg', side);
  return rows.map((value) => value + 1e-10 * stream.normal());
}

/** Squared distances of row i to all rows. */
function distances(rows: Float64Array, i: number, width: number, out: Float64Array): void {
  for (let j = 0; j < out.length; j++) {
    let sum = 0;
    for (let c = 0; c < width; c++) {
      const difference = rows[i * width + c] - rows[j * width + c];
      sum += difference * difference;
    }
    out[j] = sum;
  }
}

/** The k-th smallest of max(a_j, b_j) over j ≠ i; `nearest` is space for k numbers. */
function kthSmallest(a: Float64Array, b: Float64Array, i: number, nearest: Float64Array): number {
  const last = nearest.length - 1;
  nearest.fill(Infinity);
  for (let j = 0; j < a.length; j++) {
    const distance = a[j] > b[j] ? a[j] : b[j];
    if (j === i || distance >= nearest[last]) continue;
    let at = last;
    for (; at > 0 && nearest[at - 1] > distance; at--) nearest[at] = nearest[at - 1];
    nearest[at] = distance;
  }
  return nearest[last];
}
