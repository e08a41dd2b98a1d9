// Hsu, Chen, Lu, Liu, Yu, "Adversarial Examples can be Effective Data Augmentation for Unsupervised Machine
// Learning", AAAI 2022 (arXiv 2103.01895), Algorithm 1:
//
//   min over δ, max over c ≥ 0:  c · f⁺(x+δ) − s I_Θ(x, x+δ),   f⁺ = max(f, 0), goal met where f ≤ 0
//   δ ← Π( δ − α ( c ∇f⁺ − s ∇I_Θ ) ),   Θ ascends I_Θ,   c ← max(0, (1 − β / t^¼) c + β f⁺)
//
// s = 1 for a classifier (the similarity stays high), −1 without classes (it becomes low). Kept: among the
// successes, the δ with the largest s·I, measured at that very δ.
import { BestSoFar, type Budget, tf } from '@gauntlet/api';
import { search, type Search } from './search.js';

export interface MinMaxLoop extends Omit<Search, 'best' | 'c' | 'weights'> {
  /** β */
  beta: number;
  /** c₁ */
  initialC: number;
}

/** T that takes this much: a gradient and a forward pass for each iteration, and once more to look at where the last led. */
export const iterationsWithin = ({ gradients = Infinity, forwards = Infinity }: Budget): number =>
  Math.max(1, Math.min(gradients, forwards) - 1);

/** Runs Algorithm 1. Gives the perturbed inputs [n,h,w,c], and I at each of them. */
export async function minmaxLoop(
  task: MinMaxLoop,
): Promise<{ perturbed: tf.Tensor4D; similarity: Float64Array }> {
  const { x, beta, initialC } = task;
  const n = x.shape[0];
  const best = new BestSoFar((await x.data()) as Float32Array, n);
  await search({
    ...task,
    best,
    c: new Float32Array(n).fill(initialC),
    weights: (t) => (t === 1 ? { keep: 1, gain: 0 } : { keep: 1 - beta / (t - 1) ** 0.25, gain: beta }),
  });
  const similarity = best.merit.map((merit) => task.sense * merit);
  return { perturbed: tf.tensor4d(best.images(), x.shape), similarity };
}
