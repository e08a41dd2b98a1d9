import { type Check, count } from './check.js';

/** Samples that came back as they were, without the victim having been asked about anything else. */
export const unchangedInput: Check = {
  code: 'unchanged-input',
  weight: 'weak',
  find({ attacked, held }) {
    const idle = held.filter(({ l0, forwards = 0 }) => l0 === 0 && forwards <= 1);
    if (idle.length <= attacked.length / 2) return undefined;
    return {
      samples: idle,
      message: `The attack returned ${idle.length} of ${count(attacked.length, 'sample')} unchanged and asked the victim nothing: it attacked nothing. Look at its parameters and its code.`,
    };
  },
};
