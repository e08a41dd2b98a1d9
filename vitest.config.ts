import { availableParallelism } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/support/longest-first.js';
import { sources } from './test/support/sources.mjs';

const support = path.join(import.meta.dirname, 'test/support');
const exactly = (name: string) => new RegExp(`^${name}$`);

export default defineConfig({
  // Tests run on the sources of our packages: nothing has to be built to run one, and watching it works.
  resolve: {
    alias: [
      ...[...sources].map(([name, file]) => ({ find: exactly(name), replacement: file })),
      { find: exactly('jiti'), replacement: path.join(support, 'typescript.ts') },
    ],
  },
  test: {
    include: ['packages/*/src/**/*.test.ts', 'test/**/*.test.ts'],
    globalSetup: path.join(support, 'gradients.ts'),
    pool: 'forks',
    sequence: { sequencer: LongestFirst },
    execArgv: ['--import', pathToFileURL(path.join(support, 'resolve-sources.mjs')).href],
    // Most tests wait for processes that they have started; by default one core would be kept free.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
