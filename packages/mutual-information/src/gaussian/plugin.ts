import { defineEstimator } from '@gauntlet/api';
import { gaussianBatch, ridge } from './gaussian.js';

/** The referee's measure where a spec names no other. */
export const gaussianEstimator = defineEstimator({
  name: 'gaussian',
  version: 2,
  description: 'Gaussian estimate on positions of the first convolution before its activation',
  params: { type: 'object', additionalProperties: false, properties: {} },
  open: () => ({
    name: `Gaussian estimate on positions of the first convolution before its activation: a score of similarity, whose scale λ ${ridge} sets, in nats of that estimate`,
    async estimate(clean, perturbed, graphs) {
      if (!graphs) return gaussianBatch(clean, perturbed);
      // ONNX Runtime is for those who estimate: the command line loads the plugin to describe it.
      const { compiledGaussianBatch } = await import('./compiled-batch.js');
      return compiledGaussianBatch(clean, perturbed, graphs);
    },
  }),
});
