import { type Check, format, median, percent } from './check.js';

/** Of what the gradient promises, at least this much has to come true within a step of an attack. */
const needed = 0.1;

/**
 * A gradient that says nothing about the model a step away. Source: Athalye, Carlini, Wagner 2018 ("shattered gradients"),
 * Carlini et al. 2019 (compare with finite differences).
 */
export const shatteredGradient: Check = {
  code: 'shattered-gradient',
  weight: 'weak',
  find({ cell, attacked, held, victim: { examination, straightThrough } }) {
    const { slopes = [], step = 0 } = examination ?? {};
    if (!cell.usesGradients || slopes.length === 0) return undefined;
    // One that is made up need not fit as long as it leads to something; what held is another check's.
    if (straightThrough && held.length < attacked.length) return undefined;
    const typical = median(slopes);
    if (typical >= needed) return undefined;
    const seen =
      typical < -needed
        ? `a step against the gradient (${format(step)}) makes the victim surer of the label`
        : `a step of ${format(step)} against the gradient does ${percent(Math.max(0, typical))} of what the gradient promises`;
    return {
      message: `The gradient is not that of the model at the scale of a step: on ${slopes.length} samples, ${seen} (median). Leave out what makes it wrong (noise, a fine pattern on the input, rounding, a gradient of your own), or attack without gradients.`,
    };
  },
};
