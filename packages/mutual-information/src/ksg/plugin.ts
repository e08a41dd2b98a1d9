import { defineEstimator } from '@gauntlet/api';
import { pairParams, pairsOf } from '../samples.js';
import { ksg } from './ksg.js';

/** Counts neighbours; assumes no law, but needs few dimensions. */
export const ksgEstimator = defineEstimator({
  name: 'ksg',
  version: 1,
  description: 'Nearest neighbours (Kraskov et al. 2004, algorithm 1), on principal components',
  params: {
    type: 'object',
    additionalProperties: false,
    properties: {
      k: { type: 'integer', minimum: 1, default: 4, description: 'Which neighbour sets the radius' },
      ...pairParams,
      components: { ...pairParams.components, default: 3 },
    },
  },
  open: ({ k, components, positions }) => ({
    name: `KSG (Kraskov et al. 2004, algorithm 1), k ${k}, ${components === null ? 'all channels' : `${components} principal components`} of the first convolution before its activation, ${positions} positions at most, in nats`,
    estimate: (clean, perturbed) =>
      Float64Array.from({ length: clean.n }, (_, i) =>
        ksg(pairsOf(clean, perturbed, i, { components, positions }), k),
      ),
  }),
});
