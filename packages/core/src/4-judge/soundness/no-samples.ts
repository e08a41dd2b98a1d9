import type { Check } from './check.js';

/** Nothing was attacked. */
export const noSamples: Check = {
  code: 'no-samples',
  weight: 'void',
  find: ({ cell }) => (cell.outcomes.length === 0 ? { message: 'There is no sample.' } : undefined),
};
