import { type Check, count } from './check.js';

/** NaN in a gradient: an attack cannot follow it, and may return anything. Source: Pintor et al. 2022. */
export const gradientNotFinite: Check = {
  code: 'gradient-not-finite',
  weight: 'weak',
  find({ cell, victim: { examination } }) {
    const { notFinite = 0, samples = 0 } = examination ?? {};
    if (!cell.usesGradients || notFinite === 0) return undefined;
    return {
      message: `The victim's gradient has values that are not finite on ${notFinite} of ${count(samples, 'sample')}. Look for a division, a square root or a logarithm at 0 in the model.`,
    };
  },
};
