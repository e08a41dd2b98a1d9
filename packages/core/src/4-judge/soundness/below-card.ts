import { wasRight } from '@gauntlet/api';
import { type Check, percent } from './check.js';

/** Far less accurate than the model's card says: what is attacked is not the model as it is meant to be used. */
export const belowCard: Check = {
  code: 'below-card',
  weight: 'weak',
  find({ cell: { outcomes }, victim: { examination } }) {
    const stated = examination?.cardAccuracy;
    const judged = outcomes.filter((one) => wasRight(one) !== undefined);
    if (stated === undefined || judged.length < 5) return undefined;
    const accuracy = judged.filter(wasRight).length / judged.length;
    if (accuracy >= stated - 0.1) return undefined;
    return {
      message: `The model is right on ${percent(accuracy)} of these samples; its card says ${percent(stated)}. Look at the labels, the bounds and the preprocessing, and whether this is the data that it was made for.`,
      ...(accuracy >= stated / 2 && { weight: 'hint' }),
    };
  },
};
