import js from '@eslint/js';
import tseslint from 'typescript-eslint';

/** Tests of what processes do: workers, signals, exit codes, machines, engines that need a fresh one. */
const startGauntlet = [
  'packages/core/src/3-run/worker-slots.test.ts',
  'test/cli.test.ts',
  'test/determinism.test.ts',
  'test/endings.test.ts',
  'test/engines.test.ts',
  'test/faults.test.ts',
  'test/faults/campaign.test.ts',
  'test/open-ahead.test.ts',
  'test/queue/access.test.ts',
  'test/queue/many-machines.test.ts',
  'test/queue/namespaces.test.ts',
  'test/real-data.test.ts',
  'test/replaced.test.ts',
  'test/retraining.test.ts',
];
/** Tests that need another program: git, mkfifo, npm, Python, typedoc, vitest. */
const startPrograms = [
  'packages/core/src/datasets/damaged.test.ts',
  'packages/engine-onnx/src/hostile-files.test.ts',
  'packages/engine-tfjs/src/model-files.test.ts',
  'test/ci-examples.test.ts',
  'test/docs.test.ts',
  'test/exporters.test.ts',
  'test/packed-plugins.test.ts',
  'test/vitest.test.ts',
];
const noGauntlet = {
  group: ['**/support/processes.js', '**/3-run/worker-slot*.js', './worker-slot*.js', 'tinypool'],
  message:
    'A process takes a second. Call gauntlet() of test/support/cli.ts, or add the file to startGauntlet.',
};
const noProgram = {
  group: ['node:child_process', 'child_process'],
  message: 'Test in this process, or add the file to startPrograms.',
};

export default tseslint.config(
  {
    ignores: [
      '**/dist/**',
      '**/node_modules/**',
      '**/gauntlet-report/**',
      'packages/engine-tfjs/src/gradients.js',
      'docs/.vitepress/cache/**',
      'coverage/**',
    ],
  },
  js.configs.recommended,
  {
    files: ['**/*.ts', '**/*.tsx'],
    extends: [...tseslint.configs.recommendedTypeChecked],
    languageOptions: {
      parserOptions: { project: './tsconfig.test.json', tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      // Only so are CommonJS packages loaded without a search through their text: see packages/api/src/tf.ts.
      '@typescript-eslint/no-require-imports': ['error', { allowAsImport: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      // Methods of the contract are asynchronous for engines that need it; the tfjs engine does not.
      '@typescript-eslint/require-await': 'off',
      // tfjs infers a tensor's rank from the assertion's type; the rule takes that for superfluous.
      '@typescript-eslint/no-unnecessary-type-assertion': 'off',
    },
  },
  {
    files: ['packages/*/src/**/*.{ts,tsx}'],
    ignores: ['**/*.test.ts', 'packages/onnx-gradient/src/model/onnx_pb.ts'],
    rules: { 'max-lines': ['error', { max: 250, skipBlankLines: true, skipComments: true }] },
  },
  {
    files: ['packages/*/src/**/*.{ts,tsx}'],
    ignores: ['**/*.test.ts', '**/*.test-support.ts', 'packages/zoo/**', '**/src/tf.ts', '**/src/tfl.ts'],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        ...['core', 'layers'].map((part) => ({
          name: `@tensorflow/tfjs-${part}`,
          allowTypeImports: true,
          message: `Import ${part === 'core' ? 'tf from @gauntlet/api' : 'tfl from @gauntlet/engine-tfjs/runtime, or ./tfl.js'}: it is loaded faster.`,
        })),
      ],
    },
  },
  {
    // vitest's asymmetric matchers are of type any.
    files: ['**/*.test.ts'],
    rules: {
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
    },
  },
  {
    files: ['**/*.test.ts'],
    ignores: [...startGauntlet, ...startPrograms],
    rules: { 'no-restricted-imports': ['error', { patterns: [noGauntlet, noProgram] }] },
  },
  {
    files: startPrograms,
    rules: { 'no-restricted-imports': ['error', { patterns: [noGauntlet] }] },
  },
  {
    files: ['**/*.{js,mjs}'],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        URL: 'readonly',
        setTimeout: 'readonly',
        performance: 'readonly',
        AbortController: 'readonly',
      },
    },
  },
);
