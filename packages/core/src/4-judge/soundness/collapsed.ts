import type { ModelKind } from '@gauntlet/api';
import { type Check, expectsHeld, percent } from './check.js';

/** An autoencoder's outputs with a smaller share of the images' variance say next to nothing; with two values to a code it is a third. */
export const collapsedBelow = 0.02;

const least: Partial<Record<ModelKind, number>> = { autoencoder: collapsedBelow, encoder: 1e-5 };

/** An attack cannot move them, and these limits are then kept for nothing. */
const moved = new Set(['reconstructionError', 'reconstructionDegradation']);

/**
 * A model without classes that gives the same whatever it is given: no attack can change that. Source: Chen & He 2021, section 4.1,
 * on collapsed encoders; for autoencoders the same.
 */
export const collapsed: Check = {
  code: 'collapsed',
  weight: 'weak',
  find({ victim: { kind, examination } }) {
    const { variation, samples = 0 } = examination ?? {};
    if (variation === undefined || variation >= (least[kind] ?? 0)) return undefined;
    const what =
      kind === 'encoder'
        ? 'embeddings'
        : `reconstructions, whose variance is ${percent(variation)} of the images',`;
    return {
      message: `The model gives nearly the same for each of ${samples} samples (${what} say next to nothing of the image): its training has collapsed, or it does not get the values that it was trained on. Look at the training, the bounds and the preprocessing.`,
      concerns: (expectation) =>
        expectsHeld(expectation) || (moved.has(expectation.metric) && expectation.max !== undefined),
    };
  },
};
