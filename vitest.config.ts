import { availableParallelism } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/support/longest-first.js';
import { sources } from './test/support/sources.mjs';

const support = path.join(import.meta.dirname, 'test/support');
const exactly = (name: string) => new RegExp(`^${name}$`);

const include = ['packages/*/src/**/*.test.ts', 'test/**/*.test.ts'];
/**
 * Files that need a process of their own: they put other modules or functions in the place of ours, measure the memory of
 * the process, or need TensorFlow.js, whose kernels, gradients and names of variables are global, as it is at the start.
 */
const alone = [
  'packages/attacks-standard/src/reads.test.ts',
  'packages/core/src/3-worker/open-setting.test.ts',
  'packages/core/src/datasets/damaged.test.ts',
  'packages/core/src/engines/devices.test.ts',
  'packages/engine-onnx/src/lowering.test.ts',
  'packages/engine-onnx/src/several-values.test.ts',
  'packages/engine-tfjs/src/bounded-sizes.test.ts',
  'packages/engine-tfjs/src/kernels/kernels.test.ts',
  'packages/zoo/src/training/adam.test.ts',
  'packages/zoo/src/training/training.test.ts',
  'test/fuzz/*.test.ts',
  'test/paper.test.ts',
  'test/retraining.test.ts',
];

export default defineConfig({
  // Tests run on the sources of our packages: nothing has to be built to run one, and watching it works.
  resolve: {
    alias: [
      ...[...sources].map(([name, file]) => ({ find: exactly(name), replacement: file })),
      { find: exactly('jiti'), replacement: path.join(support, 'typescript.ts') },
    ],
  },
  test: {
    // Node, TensorFlow.js and ONNX Runtime take a second to start, longer than most files of tests: files share processes,
    // one after the other.
    projects: [
      { extends: true, test: { name: 'shared', include, exclude: alone, isolate: false } },
      { extends: true, test: { name: 'alone', include: alone } },
    ],
    globalSetup: path.join(support, 'gradients.ts'),
    pool: 'forks',
    sequence: { sequencer: LongestFirst },
    execArgv: [
      '--import',
      pathToFileURL(path.join(support, 'resolve-sources.mjs')).href,
      // Tensors come and go by the thousand: collecting them more seldom saves a sixth of the time, for 150 MB a process.
      '--max-semi-space-size=64',
      '--initial-old-space-size=512',
      // Most of it runs a few times: code is optimised where it takes long. V8 12 (Node 22) has no such flag.
      ...(Number.parseInt(process.versions.v8) < 12 ? ['--interrupt-budget=1000000'] : []),
    ],
    // One more than there are cores, since many tests wait: for processes that they have started, or for a time to pass.
    maxWorkers: availableParallelism() + 1,
    // For machines that have much else to do.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    coverage: {
      include: ['packages/*/src/**/*.ts'],
      exclude: ['**/*.test.ts', '**/*.test-support.ts'],
      reporter: ['text-summary', 'json-summary', 'html'],
    },
  },
});
