import { type Check, count } from './check.js';

/** A victim that gives nothing but its decision has no gradient to be had, nor one to be estimated. */
export const hardLabels: Check = {
  code: 'hard-labels',
  weight: 'weak',
  find({ cell, victim: { examination, classes } }) {
    const { hardLabels: hard = 0, samples = 0 } = examination ?? {};
    if (!cell.usesGradients || classes < 3 || hard <= samples / 2) return undefined;
    return {
      message: `The victim gives its decision alone (one number for the class, another for all others, on ${hard} of ${count(samples, 'sample')}): there is no gradient to follow or to estimate. Give it its scores, or attack it with an attack that works on decisions (usesGradients: false).`,
    };
  },
};
