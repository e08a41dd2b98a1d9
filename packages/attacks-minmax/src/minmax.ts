// Hsu, Chen, Lu, Liu, Yu, "Adversarial Examples can be Effective Data Augmentation for Unsupervised Machine
// Learning", AAAI 2022 (arXiv 2103.01895), Algorithm 1, supervised:
//
//   min over δ, max over c ≥ 0:  c · f⁺(x+δ) − I_Θ(x, x+δ),   f⁺ = max(f, 0), goal met where f ≤ 0
//   δ ← Π( δ − α ( c ∇f⁺ − ∇I_Θ ) ),   Θ ascends I_Θ,   c ← max(0, (1 − β / t^¼) c + β f⁺)
//
// Kept: among the successes, the δ with the largest I, measured at that very δ.
import * as tf from '@tensorflow/tfjs-core';
import { BestSoFar, defineAttack, type ParamsInput } from '@gauntlet/core';
import { similarityOf } from '@gauntlet/mutual-information';
import { search } from './search.js';
import { loopParams, similarityParams } from './shared-params.js';

const params = {
  type: 'object',
  additionalProperties: false,
  properties: {
    ...similarityParams,
    iterations: { type: 'integer', minimum: 1, default: 1000, description: 'T' },
    mineSteps: { type: 'integer', minimum: 1, default: 1, description: 'Training steps of Θ per iteration' },
    beta: { type: 'number', exclusiveMinimum: 0, maximum: 1, default: 0.1, description: 'β: step size on c' },
    initialC: { type: 'number', minimum: 0, default: 1e-3, description: 'c₁' },
    ...loopParams,
  },
} as const;

export type MinMaxParams = ParamsInput<typeof params>;

/** MinMax: adversarial examples that keep the highest mutual information with the original. */
export const minmax = defineAttack({
  name: 'minmax',
  version: 1,
  victim: 'classifier',
  reference: 'Hsu et al., AAAI 2022, Algorithm 1 (supervised)',
  description: 'Misclassification at the least loss of mutual information, by minimax optimisation',
  params,
  usesGradients: true,
  threat: ({ epsilon, target }) => ({ norm: 'linf', epsilon, target }),
  bytesPerSample: (params, shape) => similarityOf(params).bytesPerSample(shape),
  async perturb({ params, ...context }) {
    const { beta, initialC } = params;
    const estimator = similarityOf(params);
    const n = context.x.shape[0];
    const best = new BestSoFar((await context.x.data()) as Float32Array, n);
    await search({
      ...context,
      ...params,
      estimator,
      best,
      c: new Float32Array(n).fill(initialC),
      weigh: (c, positive, t) =>
        t === 1 ? c : tf.relu(tf.add(tf.mul(c, 1 - beta / (t - 1) ** 0.25), tf.mul(positive, beta))),
    });
    return {
      perturbed: tf.tensor4d(best.images(), context.x.shape),
      own: { mi: best.merit, estimator: estimator.description },
    };
  },
});
