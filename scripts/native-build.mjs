// Builds the addon of @tensorflow/tfjs-node against a TensorFlow that is on this machine already, for places where
// the package's own download cannot be reached. Needs g++ and either the Python package `tensorflow` (2.9 or later,
// any variant) or LIBTENSORFLOW, a folder with `include/` and the shared libraries.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const fail = (message) => {
  console.error(message);
  process.exit(1);
};
if (process.platform === 'win32') fail('native:build works on Linux and macOS.');

const require = createRequire(new URL('../packages/engine-tfjs/package.json', import.meta.url));
let addon;
try {
  addon = path.dirname(require.resolve('@tensorflow/tfjs-node/package.json'));
} catch {
  fail('@tensorflow/tfjs-node is not installed. Run "npm run setup" first.');
}

/** Where the Python package lies, without importing it (which takes seconds). */
function pythonPackage() {
  const find =
    'import importlib.util as u; s = u.find_spec("tensorflow"); print(s.submodule_search_locations[0] if s else "")';
  for (const python of ['python3', 'python']) {
    const { stdout, status } = spawnSync(python, ['-c', find], { encoding: 'utf8' });
    if (status === 0 && stdout.trim() !== '') return stdout.trim();
  }
  return undefined;
}

const tensorflow = process.env.LIBTENSORFLOW ?? pythonPackage();
if (!tensorflow)
  fail(
    'There is no TensorFlow to build against. "pip install tensorflow-cpu", or set LIBTENSORFLOW to its folder.',
  );
const folders = [tensorflow, path.join(tensorflow, 'lib')].filter(existsSync);
const library = (...stems) => {
  for (const folder of folders) {
    for (const stem of stems) {
      const found = readdirSync(folder).find((file) => new RegExp(`^${stem}\\.(so|.*dylib)`).test(file));
      if (found) return path.join(folder, found);
    }
  }
  return fail(
    `${tensorflow} has no ${stems.join(' or ')}. LIBTENSORFLOW has to name a folder with include/ and the shared libraries.`,
  );
};
const libraries = [library('libtensorflow', 'libtensorflow_cc'), library('libtensorflow_framework')];
const headers = path.join(tensorflow, 'include');
if (!existsSync(path.join(headers, 'tensorflow/c/c_api.h'))) fail(`${headers} has no tensorflow/c/c_api.h.`);

const napi = '8';
const out = path.join(addon, 'lib', `napi-v${napi}`, 'tfjs_binding.node');
mkdirSync(path.dirname(out), { recursive: true });
const nodeHeaders = createRequire(import.meta.url)('node-api-headers').include_dir;
const rpaths = [...new Set(libraries.map((file) => `-Wl,-rpath,${path.dirname(file)}`))];
const undefinedSymbols = process.platform === 'darwin' ? ['-undefined', 'dynamic_lookup'] : [];
console.log(`Building the addon against ${libraries[0]} …`);
try {
  execFileSync(
    process.env.CXX ?? 'g++',
    [
      '-shared',
      '-fPIC',
      '-O2',
      '-std=c++17',
      '-w',
      `-DNAPI_VERSION=${napi}`,
      `-I${nodeHeaders}`,
      `-I${headers}`,
      `-I${path.dirname(addon)}`,
      path.join(addon, 'binding/tfjs_backend.cc'),
      path.join(addon, 'binding/tfjs_binding.cc'),
      ...libraries,
      ...rpaths,
      ...undefinedSymbols,
      '-o',
      out,
    ],
    { stdio: 'inherit' },
  );
} catch (error) {
  fail(`The compiler failed (${error.message}).`);
}
const check = spawnSync(
  process.execPath,
  ['packages/core/dist/engines/try-engine.js', 'tfjs:tensorflow', 'measure'],
  {
    cwd: new URL('../', import.meta.url),
    encoding: 'utf8',
  },
);
const { error, rate } = JSON.parse(check.stdout.trim().split('\n').pop() || '{"error":"it gave no answer"}');
if (error) fail(`The addon was built, but does not start: ${error}\n${check.stderr}`);
console.log(`tfjs:tensorflow works: ${Math.round(rate)} image-gradients/s on a small network.`);
