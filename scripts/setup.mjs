// Installs dependencies and builds, once: a second call with nothing changed takes a moment.
import { createHash } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

const root = new URL('../', import.meta.url);
const file = (name) => new URL(name, root);
const { packageManager } = JSON.parse(readFileSync(file('package.json'), 'utf8'));

function run(command, args) {
  const { status } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'], shell: process.platform === 'win32' });
  if (status !== 0) process.exit(status ?? 1);
}

const stamp = file('node_modules/.setup-stamp');
const wanted = createHash('sha256').update(process.version).update(readFileSync(file('pnpm-lock.yaml'))).digest('hex');
if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== wanted) {
  run('npx', ['--yes', packageManager, 'install', '--frozen-lockfile', '--reporter=append-only', '--loglevel=warn']);
  writeFileSync(stamp, wanted);
}
run(process.execPath, ['node_modules/typescript/bin/tsc', '-b']);
