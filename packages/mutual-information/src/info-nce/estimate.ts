// van den Oord, Li, Vinyals, "Representation Learning with Contrastive Predictive Coding" (2018), section 2.3: a critic that
// tells the pair among K candidates bounds I from below, I ≥ ln K − L_N. The critic learns on one half of the pairs and is
// asked about the other half, so that what it has learnt by heart counts for nothing. No estimate is above ln K.
import { Stream } from '@gauntlet/api';
import { beta1, beta2, correctionAt, sumEpsilon } from '../mine/adam.js';
import type { Pairs } from '../samples.js';
import { infoNce, newCritic } from './critic.js';

export interface InfoNceOptions {
  /** K: pairs in a batch; of an image with fewer than 2 K pairs, half of what it has. */
  batch: number;
  /** Steps of training. */
  steps: number;
  /** Of Adam. */
  learningRate: number;
  /** Hidden units of the critic. */
  units: number;
}

/** I in nats, at least 0 and at most ln K. Randomness is the same for every image. */
export function estimateInfoNce(
  { u, v, count, dimension }: Pairs,
  { batch, steps, learningRate, units }: InfoNceOptions,
): number {
  const half = count >> 1;
  const size = Math.min(batch, half);
  const order = new Stream('info-nce', 'halves').permutation(count);
  const [training, others] = [order.subarray(0, half), order.subarray(half)];
  const critic = newCritic(dimension, units, new Stream('info-nce', 'critic'));
  const draw = new Stream('info-nce', 'batches');
  const gradient = new Float64Array(critic.values.length);
  const first = new Float64Array(critic.values.length);
  const second = new Float64Array(critic.values.length);
  for (let step = 1; step <= steps; step++) {
    const rows = draw.permutation(half).subarray(0, size);
    const some = rows.map((row) => training[row]);
    infoNce(critic, picked(u, some, dimension), picked(v, some, dimension), gradient);
    const rate = learningRate * correctionAt(step);
    for (let i = 0; i < gradient.length; i++) {
      first[i] = beta1 * first[i] + gradient[i];
      second[i] = beta2 * second[i] + gradient[i] ** 2;
      critic.values[i] += (rate * first[i]) / (Math.sqrt(second[i]) + sumEpsilon);
    }
  }
  let sum = 0;
  const batches = Math.floor(others.length / size);
  for (let b = 0; b < batches; b++) {
    const some = others.subarray(b * size, (b + 1) * size);
    sum += infoNce(critic, picked(u, some, dimension), picked(v, some, dimension));
  }
  return Math.max(0, sum / batches);
}

function picked(rows: Float64Array, which: Int32Array, width: number): Float64Array {
  const out = new Float64Array(which.length * width);
  which.forEach((row, i) => out.set(rows.subarray(row * width, (row + 1) * width), i * width));
  return out;
}
