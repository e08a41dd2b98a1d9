// Hsu, Chen, Lu, Liu, Yu, AAAI 2022 (arXiv 2103.01895), "L2-UAE": the loop of MINE-UAE with −‖δ‖₂ (or −‖δ‖₂²) in the
// place of mutual information. Kept: among the samples that are reconstructed no worse, the farthest one.
import { defineAttack, type ParamsInput } from '@gauntlet/api';
import { iterationsWithin, loopParams, minmaxLoop, weightParams } from '@gauntlet/attacks-minmax/loop';
import { distanceNames, negatedDistance } from './distance.js';
import { iterationsParam } from './shared-params.js';

const params = {
  type: 'object',
  additionalProperties: false,
  properties: {
    distance: {
      enum: distanceNames,
      default: 'norm',
      description: 'What becomes large: ‖δ‖₂ (norm) or ‖δ‖₂² (squared)',
    },
    ...iterationsParam,
    ...weightParams,
    ...loopParams,
  },
} as const;

export type L2UaeParams = ParamsInput<typeof params>;

/** L2-UAE: inputs far from the original that are reconstructed no worse. */
export const l2Uae = defineAttack({
  name: 'l2-uae',
  version: 1,
  victim: ['autoencoder', 'encoder'],
  reference: 'Hsu et al., AAAI 2022, L2-UAE',
  description: 'Largest distance from the input at no loss of reconstruction, by minimax optimisation',
  params,
  usesGradients: true,
  goals: 'any',
  threat: ({ epsilon }) => ({ norm: 'linf', epsilon }),
  within: (params, budget) => ({ ...params, iterations: iterationsWithin(budget) }),
  async perturb({ params, ...context }) {
    const estimator = negatedDistance(params.distance);
    const { perturbed } = await minmaxLoop({ ...context, ...params, estimator, sense: -1, mineSteps: 1 });
    return { perturbed };
  },
});
