import { type Check, percent } from './check.js';

/** A sample's output depends on its neighbours, as with batch normalisation in training mode. */
export const dependsOnBatch: Check = {
  code: 'depends-on-batch',
  weight: 'weak',
  find: ({ victim: { examination } }) =>
    (examination?.alone ?? 0) > 5e-3
      ? {
          message: `The victim's output for a sample differs by up to ${percent(examination!.alone!)} of the largest between a batch and the sample alone. Export the model in evaluation mode (batch normalisation with its running statistics).`,
        }
      : undefined,
};
