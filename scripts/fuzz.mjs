// Damages the input of every reader: npm run fuzz -- --runs 1000000 --seed 1
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: { runs: { type: 'string', default: '100000' }, seed: { type: 'string', default: '1' } },
});
const { status } = spawnSync(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', 'test/fuzz'], {
  cwd: new URL('../', import.meta.url),
  env: { ...process.env, GAUNTLET_FUZZ_RUNS: values.runs, GAUNTLET_FUZZ_SEED: values.seed },
  stdio: 'inherit',
});
process.exit(status ?? 1);
