// Hsu, Chen, Lu, Liu, Yu, AAAI 2022 (arXiv 2103.01895), Algorithm 1, unsupervised ("MINE-UAE"): for an autoencoder Φ
//
//   min over δ, max over c ≥ 0:  c · f⁺(x+δ) + I_Θ(x, x+δ),   f(x+δ) = ‖x − Φ(x+δ)‖² − ‖x − Φ(x)‖²
//
// Kept: among the samples that are reconstructed no worse, the least similar one. For another goal f is its criterion.
import { defineAttack, type ParamsInput } from '@gauntlet/api';
import {
  iterationsWithin,
  loopParams,
  minmaxLoop,
  similarityParams,
  weightParams,
} from '@gauntlet/attacks-minmax/loop';
import { similarityOf } from '@gauntlet/mutual-information';
import { iterationsParam } from './shared-params.js';

const params = {
  type: 'object',
  additionalProperties: false,
  properties: {
    ...similarityParams,
    ...iterationsParam,
    mineSteps: { type: 'integer', minimum: 1, default: 20, description: 'Training steps of Θ per iteration' },
    rule: {
      enum: ['warmed-up', 'paper'],
      default: 'warmed-up',
      description:
        'paper: the smallest of estimates that begin untrained, which mostly means the earliest success; warmed-up: Θ is trained before the first iteration',
    },
    warmUp: { type: 'integer', minimum: 1, default: 100, description: 'Steps of that training' },
    ...weightParams,
    ...loopParams,
  },
} as const;

export type MineUaeParams = ParamsInput<typeof params>;

/** MINE-UAE: inputs that share little information with the original and are reconstructed no worse. */
export const mineUae = defineAttack({
  name: 'mine-uae',
  version: 1,
  victim: ['autoencoder', 'encoder'],
  reference: 'Hsu et al., AAAI 2022, Algorithm 1 (unsupervised)',
  description:
    'Least mutual information with the input at no loss of reconstruction, by minimax optimisation',
  params,
  usesGradients: true,
  goals: 'any',
  threat: ({ epsilon }) => ({ norm: 'linf', epsilon }),
  within: (params, budget) => ({ ...params, iterations: iterationsWithin(budget) }),
  bytesPerSample: (params, shape) => similarityOf(params).bytesPerSample(shape),
  async perturb({ params, ...context }) {
    const estimator = similarityOf(params);
    const warmUp = params.rule === 'paper' ? 0 : params.warmUp;
    const { perturbed, similarity } = await minmaxLoop({
      ...context,
      ...params,
      estimator,
      warmUp,
      sense: -1,
    });
    return { perturbed, ownEstimate: { mi: similarity, estimator: estimator.description } };
  },
});
