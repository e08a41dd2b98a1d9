import { type Check, count } from './check.js';
import { effortOf } from './effort.js';

/** With all that the bounds allow, any image can become any other. Source: Carlini et al. 2019; Athalye et al. 2018. */
export const holdsUnbounded: Check = {
  code: 'holds-unbounded',
  weight: 'weak',
  find({ cell, held }) {
    const tried = held.filter(({ unbounded }) => unbounded);
    const holding = tried.filter(({ unbounded }) => unbounded === 'held');
    if (holding.length === 0) return undefined;
    return {
      samples: holding,
      message: `Allowed the whole range of the bounds, the attack still does not break ${holding.length} of ${count(tried.length, 'sample')} that held, and nothing holds against that: the attack does not work on this victim. Try another loss, more steps, or an attack without gradients.`,
      // One step of that length need not end where the gradient pointed to.
      ...((2 * holding.length < tried.length || effortOf(cell) === 'single step') && { weight: 'hint' }),
    };
  },
};
