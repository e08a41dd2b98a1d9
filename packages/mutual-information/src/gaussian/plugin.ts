import { defineEstimator } from '@gauntlet/api';
import { compiledGaussianBatch } from './compiled-batch.js';
import { gaussianBatch, ridge } from './gaussian.js';

/** The referee's measure where a spec names no other. */
export const gaussianEstimator = defineEstimator({
  name: 'gaussian',
  version: 2,
  description: 'Gaussian estimate on positions of the first convolution before its activation',
  params: { type: 'object', additionalProperties: false, properties: {} },
  open: () => ({
    name: `Gaussian estimate on positions of the first convolution before its activation: a score of similarity, whose scale λ ${ridge} sets, in nats of that estimate`,
    estimate: (clean, perturbed, graphs) =>
      graphs ? compiledGaussianBatch(clean, perturbed, graphs) : gaussianBatch(clean, perturbed),
  }),
});
