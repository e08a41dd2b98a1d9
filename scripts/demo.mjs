// The main job on the embedded default: shipped models, synthetic digits, CPU.
import { spawnSync } from 'node:child_process';

const root = new URL('../', import.meta.url);
const args = ['packages/cli/bin/gauntlet.js', 'run', 'examples/digits', ...process.argv.slice(2)];
const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
console.log('In this checkout "gauntlet …" is "npm run gauntlet -- …", and the pages are report.html above.');
process.exit(status ?? 1);
