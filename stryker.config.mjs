// Mutation testing of one folder or file at a time, since all of it takes hours: npm run mutation -- <folder>.
const folder = process.env.MUTATED;
if (!folder) throw new Error('Run it by: npm run mutation -- <folder of sources>');

export default {
  testRunner: 'vitest',
  plugins: ['@stryker-mutator/vitest-runner', './scripts/mutation-ignore.mjs'],
  ignorers: ['parameters'],
  // Tests beside the code. What starts processes would take minutes for each mutant.
  vitest: { configFile: 'vitest.mutation.config.ts', related: false },
  mutate: /\.ts(:\d+-\d+)?$/.test(folder)
    ? [folder]
    : [`${folder}/**/*.ts`, `!${folder}/**/*.test.ts`, `!${folder}/**/*.test-support.ts`],
  // Sentences for people are not what tests are about.
  mutator: { excludedMutations: ['StringLiteral'] },
  // Sources are changed in place and restored at the end: packages find each other by links, which a copy would not have.
  inPlace: true,
  // A mutant meets only the tests that reach it.
  coverageAnalysis: 'perTest',
  // A run that Vitest ends at its first failure may take the next one in the same thread with it, whose mutant would survive.
  disableBail: true,
  concurrency: Number(process.env.MUTATED_CONCURRENCY ?? 1),
  incremental: true,
  incrementalFile: process.env.MUTATED_INCREMENTAL,
  // A busy machine is no infinite loop.
  timeoutFactor: 4,
  reporters: ['clear-text', 'progress'],
  clearTextReporter: { logTests: false, reportTests: false },
  tempDirName: 'reports/mutation/temporary',
  disableTypeChecks: false,
  thresholds: { high: 90, low: 90, break: 90 },
};
