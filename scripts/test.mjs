// Runs all tests; the last line is `N passed, N failed` and, where something was missing, `, N skipped`.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const root = new URL('../', import.meta.url);
const folder = mkdtempSync(path.join(tmpdir(), 'gauntlet-test-'));
const results = path.join(folder, 'results.json');
const vitest = [
  'node_modules/vitest/vitest.mjs',
  'run',
  '--reporter=default',
  '--reporter=json',
  `--outputFile.json=${results}`,
];
const { status } = spawnSync(process.execPath, [...vitest, ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
  // What tests write goes with the folder.
  env: { ...process.env, TMPDIR: folder, TEMP: folder, TMP: folder },
});

let code = status ?? 1;
try {
  const { numPassedTests, numFailedTests, numPendingTests, testResults } = JSON.parse(
    readFileSync(results, 'utf8'),
  );
  // A file that cannot even be loaded has no tests to count, and is a failure all the same.
  const broken = testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.length === 0,
  ).length;
  const failed = numFailedTests + broken;
  if (failed > 0 || numPassedTests === 0) code ||= 1;
  for (const { fullName, status } of testResults.flatMap(({ assertionResults }) => assertionResults)) {
    if (status !== 'passed' && status !== 'failed') console.log(`skipped: ${fullName}`);
  }
  console.log(
    `${numPassedTests} passed, ${failed} failed${numPendingTests > 0 ? `, ${numPendingTests} skipped` : ''}`,
  );
} catch (error) {
  console.error(`The tests gave no results: ${error.message}`);
  code ||= 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exit(code);
