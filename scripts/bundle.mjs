// Packs everything a Linux x64 machine without a registry needs to run Gauntlet into one tarball: node, the built
// packages, ONNX Runtime, Dawn. On that machine: tar xf gauntlet-linux-x64.tar.xz && gauntlet/check.sh
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { nodeFileTrace } from '@vercel/nft';
import { builtInModules } from '@gauntlet/cli/built-in';

if (process.platform !== 'linux' || process.arch !== 'x64') {
  console.error('The bundle is for Linux x64 and has to be made there.');
  process.exit(1);
}
const root = path.resolve(import.meta.dirname, '..');
const require = createRequire(path.join(root, 'packages/engine-tfjs/package.json'));

/** Where a run starts, and what is imported by names that only running tells; built-in plugins are, too. */
const entries = [
  'packages/cli/bin/gauntlet.js',
  'packages/core/dist/3-worker/worker.js',
  'packages/core/dist/engines/try-engine.js',
  'test/fixtures/engine-numbers.mjs',
  'scripts/engine-check.mjs',
  'bench/engines.mjs',
  'bench/mine-uae.mjs',
].map((file) => path.join(root, file));
const plugins = builtInModules.map((url) => realpathSync(fileURLToPath(url)));
const byName = [
  'webgpu',
  '@tensorflow/tfjs-backend-webgpu',
  'onnxruntime-node',
  '@tensorflow/tfjs-backend-cpu',
  '@tensorflow/tfjs-backend-wasm',
].map((name) => require.resolve(name));

const wasm = path.dirname(require.resolve('@tensorflow/tfjs-backend-wasm/package.json'));
const native = path.dirname(require.resolve('onnxruntime-node/package.json'));
const dawn = path.dirname(require.resolve('webgpu/package.json'));
/** Files that are read and not imported. */
const data = [
  'packages/zoo/models',
  'packages/cli/schema',
  'packages/reporters/schema',
  'examples/digits',
  'bench/pytorch-loop.py',
  'LICENSE',
];

const { fileList } = await nodeFileTrace([...entries, ...plugins, ...byName], {
  base: root,
  processCwd: root,
  // Native libraries follow below, for one platform; tfjs-node has none here.
  ignore: (file) => /bin\/napi-v\d+\/|webgpu\/dist\/|tfjs-node\/|\.map$/.test(file),
});

const stage = mkdtempSync(path.join(tmpdir(), 'gauntlet-bundle-'));
const target = path.join(stage, 'gauntlet');
const put = (file) => {
  const from = path.join(root, file);
  const to = path.join(target, file);
  mkdirSync(path.dirname(to), { recursive: true });
  if (lstatSync(from).isSymbolicLink()) symlinkSync(readlinkSync(from), to);
  else copyFileSync(from, to);
};
/** Packages find each other by name, also where only running tells which: every link to something that comes along. */
function links() {
  const folders = ['.', ...readdirSync(path.join(root, 'packages')).map((name) => `packages/${name}`)];
  const manifests = folders.slice(1).map((folder) => `${folder}/package.json`);
  const parts = [...fileList].map((file) => `${file}/`);
  const comesAlong = (link) => {
    const target = path.relative(root, realpathSync(path.join(root, link)));
    return target.startsWith('packages/') || parts.some((part) => part.startsWith(`${target}/`));
  };
  const found = folders
    .map((folder) => path.join(folder, 'node_modules'))
    .filter((folder) => existsSync(path.join(root, folder)))
    .flatMap((folder) => namesIn(folder).map((name) => path.join(folder, name)))
    .filter((link) => lstatSync(path.join(root, link)).isSymbolicLink() && comesAlong(link));
  return [...manifests, ...found];
}
function namesIn(folder) {
  const names = readdirSync(path.join(root, folder)).filter((name) => !name.startsWith('.'));
  return names.flatMap((name) =>
    name.startsWith('@')
      ? readdirSync(path.join(root, folder, name)).map((inner) => `${name}/${inner}`)
      : [name],
  );
}

for (const file of new Set([...fileList, ...links()])) put(file);
for (const file of data)
  cpSync(path.join(root, file), path.join(target, file), {
    recursive: true,
    filter: (from) => !from.includes('gauntlet-report'),
  });
const inside = (folder) => path.relative(root, folder);
cpSync(
  path.join(native, 'bin/napi-v6/linux/x64'),
  path.join(target, inside(native), 'bin/napi-v6/linux/x64'),
  { recursive: true },
);
cpSync(path.join(dawn, 'dist/linux-x64'), path.join(target, inside(dawn), 'dist/linux-x64'), {
  recursive: true,
});
for (const file of [
  'tfjs-backend-wasm.wasm',
  'tfjs-backend-wasm-simd.wasm',
  'tfjs-backend-wasm-threaded-simd.wasm',
]) {
  cpSync(path.join(wasm, 'dist', file), path.join(target, inside(wasm), 'dist', file));
}
copyFileSync(process.execPath, path.join(target, 'node'));
spawnSync('strip', [path.join(target, 'node')]);
const script = (name, text) => {
  writeFileSync(path.join(target, name), `#!/bin/sh\ncd "$(dirname "$0")"\nPATH="$PWD:$PATH"\n${text}\n`);
  chmodSync(path.join(target, name), 0o755);
};
script('gauntlet.sh', 'exec ./node packages/cli/bin/gauntlet.js "$@"');
script(
  'check.sh',
  '# doctor, conformance of every engine that starts, and the benches, in one go\nexec ./node scripts/engine-check.mjs "$@"',
);

const out = path.join(root, 'gauntlet-linux-x64.tar.xz');
const packed = spawnSync('tar', ['-C', stage, '-cf', out, '-I', 'xz -T0 -6', 'gauntlet'], {
  stdio: 'inherit',
});
rmSync(stage, { recursive: true, force: true });
if (packed.status !== 0) process.exit(1);
const size = statSync(out).size / 1e6;
console.log(
  `${path.relative(root, out)}: ${size.toFixed(1)} MB, ${fileList.size} files and the data beside them`,
);
if (size > 60) {
  console.error('That is more than 60 MB.');
  process.exit(1);
}
