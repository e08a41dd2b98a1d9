import { configDefaults } from 'vitest/config';
import type { Plugin } from 'vitest/config';
import type { CollectOptions } from './collect.js';

const specFile = /\.robust\.(ya?ml|json|[cm]?[jt]s)$/;

/**
 * Lets vitest collect spec files (`*.robust.yaml`, `.json`, `.ts`) as test files, in which each cell is a test. For the
 * `plugins` of vitest.config.ts.
 */
export function gauntlet(options: CollectOptions = {}): Plugin {
  return {
    name: 'gauntlet',
    config: ({ test = {} }) => ({
      test: {
        // Lists are joined with those of the user's config; one that is not there would lose its default.
        include: [
          ...(test.include ? [] : configDefaults.include),
          '**/*.robust.{yaml,yml,json,ts,mts,cts,js,mjs,cjs}',
        ],
        forceRerunTriggers: [
          ...(test.forceRerunTriggers ? [] : configDefaults.forceRerunTriggers),
          '**/*.onnx',
          '**/model.json',
        ],
        exclude: [...(test.exclude ? [] : configDefaults.exclude), '**/gauntlet-report/**'],
      },
    }),
    transform: {
      // After Vite's own treatment of JSON, which would take the code for data.
      order: 'post',
      handler(_code, id) {
        const file = id.split('?', 1)[0];
        if (!specFile.test(file)) return undefined;
        const args = [file, options].map((value) => JSON.stringify(value)).join(', ');
        return {
          code: `import { collect } from '@gauntlet/vitest/collect';\nawait collect(${args});\n`,
          map: null,
        };
      },
    },
  };
}
