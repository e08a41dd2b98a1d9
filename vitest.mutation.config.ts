import type { PoolRunnerInitializer, Reporter, Vitest, VitestPluginContext } from 'vitest/node';
import { KeptThread } from './test/support/kept-thread.js';
import base from './vitest.config.js';

const pool: PoolRunnerInitializer = {
  name: 'kept-thread',
  createPoolWorker: (options) => new KeptThread(options),
};

/** Stryker counts failed tests: a file that cannot even be loaded has none, and its mutant would survive. */
class LoadErrors implements Reporter {
  #vitest?: Vitest;

  onInit(vitest: Vitest): void {
    this.#vitest = vitest;
  }

  onTestModuleEnd: Reporter['onTestModuleEnd'] = (module) => {
    for (const error of module.errors()) this.#vitest?.state.catchError(error, 'Load Error');
  };
}

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
    // A thread does not start with options for the heap, which belong to the process.
    execArgv: base.test?.execArgv?.filter((one) => !/space-size|interrupt-budget/.test(one)),
    include: process.env.MUTATED_TESTS?.split(','),
    reporters: [new LoadErrors()],
    isolate: false,
    maxWorkers: 1,
    sequence: undefined,
  },
};
