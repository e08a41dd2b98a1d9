// Mutation testing of a folder of sources, or one, by the tests beside them (or the folder or file that --tests names):
//   npm run mutation -- packages/core/src/4-judge/soundness [--tests packages/core/src/4-judge] [--concurrency 2]
// Only what changed since the last time is tested again (reports/mutation). The exit code is 1 below 90 % killed.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { tests: { type: 'string' }, concurrency: { type: 'string', default: '1' } },
});
const [folder] = positionals.map((one) => one.replace(/\/$/, ''));
for (const one of [folder, values.tests])
  if (one !== undefined && !existsSync(one)) throw new Error(`There is no folder ${one}.`);
if (!folder)
  throw new Error('Name a folder of sources: npm run mutation -- packages/core/src/4-judge/soundness');
const { status } = spawnSync('npx', ['stryker', 'run', 'stryker.config.mjs'], {
  stdio: 'inherit',
  env: {
    ...process.env,
    MUTATED: folder,
    MUTATED_TESTS: values.tests ?? (folder.endsWith('.ts') ? path.dirname(folder) : folder),
    MUTATED_CONCURRENCY: values.concurrency,
  },
});
process.exit(status ?? 1);
