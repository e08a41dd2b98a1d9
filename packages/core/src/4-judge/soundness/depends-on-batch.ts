import { type Check, percent } from './check.js';

/** A sample's output depends on its neighbours, as with batch normalisation in training mode. */
export const dependsOnBatch: Check = {
  code: 'depends-on-batch',
  weight: 'weak',
  find({ victim: { examination } }) {
    const { alone = 0, repeat = 0 } = examination ?? {};
    // What differs about as much from pass to pass says nothing of neighbours; both are the largest of a few draws.
    if (alone <= Math.max(5e-3, 4 * repeat)) return undefined;
    return {
      message: `The victim's output for a sample differs by up to ${percent(alone)} of the largest between a batch and the sample alone. Export the model in evaluation mode (batch normalisation with its running statistics).`,
    };
  },
};
