import { eightBits } from '../../victims/estimate-radius.js';
import { estimatedBy } from '../../victims/estimated-gradient.js';
import { type Check, count } from './check.js';

/** Outputs that do not change at all under noise of an 8-bit step: the input is quantised, or the output is. */
export const steppedInput: Check = {
  code: 'stepped-input',
  weight: 'weak',
  find({ cell, victim: { examination, gradients, straightThrough } }) {
    const { stepped = 0, samples = 0, hardLabels = 0 } = examination ?? {};
    if (!cell.usesGradients || straightThrough || stepped <= samples / 2 || hardLabels > samples / 2)
      return undefined;
    const estimated = gradients !== 'exact';
    // Estimates that look farther see over the steps.
    if (estimated && gradients !== estimatedBy(eightBits)) return undefined;
    return {
      message: `The victim's outputs do not change at all under noise of an 8-bit step, on ${stepped} of ${count(samples, 'sample')}: its input is rounded. ${estimated ? 'Estimated gradients are zero there: attack without gradients' : 'Attack it without the rounding, or with a gradient that passes through it (gradients: { straightThrough: true })'}.`,
      ...(!estimated && { weight: 'hint' }),
    };
  },
};
