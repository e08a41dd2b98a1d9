import { type Check, percent } from './check.js';

/** Five passes that differ. Source: AutoAttack's flag for randomized defenses (Croce & Hein 2020, `check_randomized`). */
export const notDeterministic: Check = {
  code: 'not-deterministic',
  weight: 'weak',
  find: ({ victim: { examination } }) =>
    (examination?.repeat ?? 0) > 1e-4
      ? {
          message: `The victim says something else each time: its outputs for the same ${examination!.samples} samples differ by up to ${percent(examination!.repeat!)} of the largest. Switch off dropout and noise (evaluation mode), or let the victim average over many draws.`,
        }
      : undefined,
};
