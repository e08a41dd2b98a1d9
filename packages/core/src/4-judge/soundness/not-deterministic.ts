import { isRandomised } from '../../victims/is-randomised.js';
import { type Check, percent } from './check.js';

/**
 * Five passes that differ. A referee that draws often enough, and attacks that see the mean of several draws, make up for it.
 * Source: AutoAttack's flag for randomized defenses (Croce & Hein 2020, `check_randomized`), and its version for these.
 */
export const notDeterministic: Check = {
  code: 'not-deterministic',
  weight: 'weak',
  find({ cell, victim: { examination, repeats, eot } }) {
    const { repeat = 0, samples = 0 } = examination ?? {};
    if (!isRandomised({ repeat })) return undefined;
    const lacking = [
      !repeats && 'repeats: 10 (the referee then judges by 10 draws)',
      cell.usesGradients && !eot && 'gradients: { eot: 8 } (attacks then see the mean of 8 draws)',
    ].filter((one) => one !== false);
    if (lacking.length === 0) return undefined;
    return {
      message: `The victim says something else each time: its outputs for the same ${samples} samples differ by up to ${percent(repeat)} of the largest. Switch off dropout and noise (evaluation mode); if they are a part of the victim, give it ${lacking.join(' and ')}.`,
    };
  },
};
