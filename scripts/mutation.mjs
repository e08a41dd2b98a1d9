// Mutation testing of a folder of sources, or one of them, by the tests beside them, or those that --tests names, any number of times:
//   npm run mutation -- packages/core/src/4-judge/soundness
//   npm run mutation -- packages/attacks-standard/src/pgd.ts [--tests packages/attacks-standard/src/restarts.test.ts] [--concurrency 2]
//   npm run mutation -- packages/attacks-standard/src/fmn.ts:70-120
// Only what changed since the last time is tested again (reports/mutation). The exit code is 1 below 90 % killed.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { tests: { type: 'string', multiple: true }, concurrency: { type: 'string', default: '1' } },
});
const [folder] = positionals.map((one) => one.replace(/\/$/, ''));
/** Without the lines that `file.ts:10-60` names. */
const source = folder?.replace(/:\d+-\d+$/, '');
if (!folder)
  throw new Error('Name a folder of sources: npm run mutation -- packages/core/src/4-judge/soundness');
const tests = values.tests ?? [source.endsWith('.ts') ? path.dirname(source) : source];
for (const one of [source, ...tests]) if (!existsSync(one)) throw new Error(`There is no ${one}.`);

const incremental = path.join('reports/mutation', `${folder.replaceAll(/[/:]/g, '-')}.json`);
if (existsSync(incremental)) {
  // Stryker does not see that a new test reaches what is evaluated once, when a module is loaded: it would not try it again.
  const report = JSON.parse(readFileSync(incremental, 'utf8'));
  for (const file of Object.values(report.files))
    file.mutants = file.mutants.filter((one) => !one.static || one.status !== 'Survived');
  writeFileSync(incremental, JSON.stringify(report));
}

const { status } = spawnSync('npx', ['stryker', 'run', 'stryker.config.mjs'], {
  stdio: 'inherit',
  env: {
    ...process.env,
    MUTATED: folder,
    MUTATED_INCREMENTAL: incremental,
    MUTATED_TESTS: tests.map((one) => (one.endsWith('.ts') ? one : `${one}/**/*.test.ts`)).join(','),
    MUTATED_CONCURRENCY: values.concurrency,
  },
});
process.exit(status ?? 1);
