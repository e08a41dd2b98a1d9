import base from './vitest.config.js';

const tests = process.env.MUTATED_TESTS ?? '';

/** The tests of one folder, or one file of them, for `stryker.config.mjs`. */
export default {
  ...base,
  test: {
    ...base.test,
    include: [tests.endsWith('.ts') ? tests : `${tests}/**/*.test.ts`],
    sequence: undefined,
  },
};
