import type { PoolRunnerInitializer, VitestPluginContext } from 'vitest/node';
import { KeptThread } from './test/support/kept-thread.js';
import base from './vitest.config.js';

const pool: PoolRunnerInitializer = {
  name: 'kept-thread',
  createPoolWorker: (options) => new KeptThread(options),
};

/** The tests that `scripts/mutation.mjs` chose, for `stryker.config.mjs`: all in one thread, run after run. */
export default {
  ...base,
  plugins: [
    {
      name: 'kept-thread',
      // Stryker asks for threads of Vitest's own, whatever a configuration says.
      configureVitest({ project }: VitestPluginContext) {
        Object.assign(project.config, { pool: pool.name, poolRunner: pool });
      },
    },
  ],
  test: {
    ...base.test,
    projects: undefined,
    include: process.env.MUTATED_TESTS?.split(','),
    isolate: false,
    maxWorkers: 1,
    sequence: undefined,
  },
};
