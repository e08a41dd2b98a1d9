import js from '@eslint/js';
import tseslint from 'typescript-eslint';

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
