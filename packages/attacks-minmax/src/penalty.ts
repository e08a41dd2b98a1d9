// Hsu, Chen, Lu, Liu, Yu, AAAI 2022, "Penalty-based Algorithm": for a fixed c
//
//   min over δ:  c · f⁺(x+δ) − I_Θ(x, x+δ)
//
// and a binary search over c, sample by sample (Carlini & Wagner 2017): success → upper = min(upper, c),
// failure → lower = max(lower, c); next c = (lower + upper)/2, or 10·c while there is no upper bound.
// Kept: the success with the largest I over all searches.
import { BestSoFar, defineAttack, type ParamsInput, tf } from '@gauntlet/api';
import { similarityOf } from '@gauntlet/mutual-information';
import { iterationsWithin } from './minmax-loop.js';
import { search } from './search.js';
import { classParams, loopParams, similarityParams } from './shared-params.js';

const params = {
  type: 'object',
  additionalProperties: false,
  properties: {
    ...similarityParams,
    searches: { type: 'integer', minimum: 1, default: 9, description: 'Values of c that are tried' },
    iterations: { type: 'integer', minimum: 1, default: 1000, description: 'Descent steps for each c' },
    mineSteps: { type: 'integer', minimum: 1, default: 20, description: 'Training steps of Θ per iteration' },
    initialC: { type: 'number', exclusiveMinimum: 0, default: 1e-3, description: 'First c' },
    ...loopParams,
    ...classParams,
  },
} as const;

export type PenaltyParams = ParamsInput<typeof params>;

/** The penalty-based attack: MinMax's objective with c found by binary search. */
export const penalty = defineAttack({
  name: 'penalty',
  version: 1,
  victim: 'classifier',
  reference: 'Hsu et al., AAAI 2022, Penalty-based Algorithm',
  description:
    'Misclassification at the least loss of mutual information, with a binary search over the penalty',
  params,
  usesGradients: true,
  goals: 'any',
  threat: ({ epsilon, target }) => ({ norm: 'linf', epsilon, target }),
  // The values of c share the budget; each needs two passes at least.
  within: (params, { gradients = Infinity, forwards = Infinity }) => {
    const most = Math.min(gradients, forwards);
    const searches = Math.max(1, Math.min(params.searches, Math.floor(most / 2)));
    return { ...params, searches, iterations: iterationsWithin({ gradients: Math.floor(most / searches) }) };
  },
  bytesPerSample: (params, shape) => similarityOf(params).bytesPerSample(shape),
  async perturb({ params, random, ...context }) {
    const estimator = similarityOf(params);
    const n = context.x.shape[0];
    const best = new BestSoFar((await context.x.data()) as Float32Array, n);
    const c = new Float64Array(n).fill(params.initialC);
    const lower = new Float64Array(n);
    const upper = new Float64Array(n).fill(Infinity);
    for (let round = 0; round < params.searches; round++) {
      const part = random.part(`search-${round}`);
      const met = await search({
        ...context,
        ...params,
        random: part,
        estimator,
        sense: 1,
        best,
        c,
        weights: () => ({ keep: 1, gain: 0 }),
      });
      met.forEach((success, i) => {
        if (success) upper[i] = Math.min(upper[i], c[i]);
        else lower[i] = Math.max(lower[i], c[i]);
        c[i] = upper[i] < Infinity ? (lower[i] + upper[i]) / 2 : 10 * c[i];
      });
    }
    return {
      perturbed: tf.tensor4d(best.images(), context.x.shape),
      ownEstimate: { mi: best.merit, estimator: estimator.description },
    };
  },
});
