import type { Check } from './check.js';

/** The victim could not be looked at before the attack: what the other checks would have seen is not known. */
export const notExamined: Check = {
  code: 'not-examined',
  weight: 'weak',
  find: ({ victim: { examination } }) =>
    examination?.error === undefined
      ? undefined
      : {
          message: `The victim could not be examined before the attack: ${examination.error.replace(/\.$/, '')}. Whether it is deterministic and has a usable gradient is not known.`,
        },
};
