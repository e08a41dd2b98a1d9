import base from './vitest.config.js';

/** The tests that `scripts/mutation.mjs` chose, for `stryker.config.mjs`: all in one process, as the project `shared`. */
export default {
  ...base,
  test: {
    ...base.test,
    projects: undefined,
    include: process.env.MUTATED_TESTS?.split(','),
    isolate: false,
    sequence: undefined,
  },
};
