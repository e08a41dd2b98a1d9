import { defineEstimator } from '@gauntlet/api';
import { pairParams, pairsOf } from '../samples.js';
import { estimateInfoNce } from './estimate.js';

/** A learnt lower bound; some tenths of a second an image. */
export const infoNceEstimator = defineEstimator({
  name: 'info-nce',
  version: 1,
  description: 'A lower bound by a critic for each image (van den Oord et al. 2018), at most ln batch',
  params: {
    type: 'object',
    additionalProperties: false,
    properties: {
      batch: {
        type: 'integer',
        minimum: 2,
        default: 128,
        description: 'K: pairs that the critic tells apart; no estimate is above ln K',
      },
      steps: { type: 'integer', minimum: 1, default: 100, description: 'Steps of training' },
      learningRate: { type: 'number', exclusiveMinimum: 0, default: 0.01, description: "Adam's rate" },
      units: { type: 'integer', minimum: 1, default: 16, description: 'Hidden units of the critic' },
      ...pairParams,
      components: { ...pairParams.components, default: null },
    },
  },
  open: ({ components, positions, ...options }) => ({
    name: `InfoNCE (van den Oord et al. 2018), a lower bound of at most ln ${options.batch} = ${Math.log(options.batch).toFixed(2)}, ${options.steps} steps on half of the positions, ${components === null ? 'all channels' : `${components} principal components`} of the first convolution before its activation, in nats`,
    estimate: (clean, perturbed) =>
      Float64Array.from({ length: clean.n }, (_, i) =>
        estimateInfoNce(pairsOf(clean, perturbed, i, { components, positions }), options),
      ),
  }),
});
