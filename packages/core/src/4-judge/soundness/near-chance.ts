import { type Check, percent } from './check.js';
import { wilson } from '../statistics/intervals.js';

/** A model that knows nothing has nothing to lose. Source: Carlini et al. 2019, "report clean accuracy". */
export const nearChance: Check = {
  code: 'near-chance',
  weight: 'weak',
  find({ cell: { outcomes }, victim: { kind, classes } }) {
    if (kind !== 'classifier') return undefined;
    const judged = outcomes.filter(
      (one) => one.cleanPrediction !== undefined && one.label !== undefined && one.status !== 'unassessed',
    );
    const right = judged.filter((one) => one.cleanPrediction === one.label).length;
    if (judged.length < 5) return undefined;
    const [low] = wilson(right, judged.length, 0.95);
    if (low > 1 / classes || right / judged.length > 0.5 + 0.5 / classes) return undefined;
    return {
      message: `The model is right on ${right} of ${judged.length} samples (${percent(right / judged.length)}), which guessing among ${classes} classes can give. Look at the labels, the bounds and the preprocessing.`,
    };
  },
};
