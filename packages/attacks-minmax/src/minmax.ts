import { defineAttack, type ParamsInput } from '@gauntlet/api';
import { similarityOf } from '@gauntlet/mutual-information';
import { iterationsWithin, minmaxLoop } from './minmax-loop.js';
import { classParams, loopParams, similarityParams, weightParams } from './shared-params.js';

const params = {
  type: 'object',
  additionalProperties: false,
  properties: {
    ...similarityParams,
    iterations: { type: 'integer', minimum: 1, default: 1000, description: 'T' },
    mineSteps: { type: 'integer', minimum: 1, default: 1, description: 'Training steps of Θ per iteration' },
    ...weightParams,
    ...loopParams,
    ...classParams,
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
  goals: 'any',
  threat: ({ epsilon, target }) => ({ norm: 'linf', epsilon, target }),
  within: (params, budget) => ({ ...params, iterations: iterationsWithin(budget) }),
  bytesPerSample: (params, shape) => similarityOf(params).bytesPerSample(shape),
  async perturb({ params, ...context }) {
    const estimator = similarityOf(params);
    const { perturbed, similarity } = await minmaxLoop({ ...context, ...params, estimator, sense: 1 });
    return { perturbed, ownEstimate: { mi: similarity, estimator: estimator.description } };
  },
});
