// Installs dependencies and builds, once: a second call with nothing changed takes a second or two.
import { createHash } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

const root = new URL('../', import.meta.url);
const read = (name) => readFileSync(new URL(name, root), 'utf8');
const { packageManager, engines } = JSON.parse(read('package.json'));

const [major, minor] = process.versions.node.split('.').map(Number);
/** One of `^20.19.0 || >=24.0.0`: there is no semver before anything is installed. */
const takes = (range) => {
  const [, sign, from, least] = /^(\^|>=)(\d+)\.(\d+)/.exec(range);
  return major === Number(from) ? minor >= Number(least) : sign === '>=' && major > Number(from);
};
if (!engines.node.split(' || ').some(takes)) {
  console.error(`Gauntlet needs Node ${engines.node}, this is ${process.version}.`);
  process.exit(1);
}

function run(command, args, label) {
  const windows = process.platform === 'win32';
  const result = spawnSync(command, args, {
    cwd: root,
    encoding: 'utf8',
    shell: windows,
    env: { ...process.env, CI: 'true' },
  });
  if (result.status === 0) return;
  console.error(`${label} failed:\n${result.stdout ?? ''}${result.stderr ?? ''}${result.error ?? ''}`);
  process.exit(1);
}

/** tfjs-node is there as soon as npm's files are; what counts is the library that its install script fetches. */
function nativeTensorFlow() {
  const folder = new URL('node_modules/@tensorflow/tfjs-node/lib/', root);
  return (
    existsSync(folder) &&
    readdirSync(folder, { recursive: true }).some((file) => file.endsWith('tfjs_binding.node'))
  );
}

const stamp = new URL('node_modules/.setup-stamp', root);
const wanted = createHash('sha256').update(process.version).update(read('pnpm-lock.yaml')).digest('hex');
const install = !existsSync(stamp) || readFileSync(stamp, 'utf8') !== wanted;
if (install) {
  console.log('Installing dependencies …');
  run(
    'npx',
    ['--yes', packageManager, 'install', '--frozen-lockfile', '--reporter=append-only'],
    'Installing dependencies',
  );
  writeFileSync(stamp, wanted);
  if (!nativeTensorFlow())
    console.log(
      'Optional: native TensorFlow is not installed (its download was not to be had); nothing needs it.',
    );
}
// Another version of TensorFlow.js has other gradients.
if (install) rmSync(new URL('packages/engine-tfjs/src/gradients.js', root), { force: true });
run(process.execPath, ['scripts/build.mjs'], 'The build');
