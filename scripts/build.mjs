// Builds every package into its `dist`: declarations by TypeScript, code by esbuild, one file for what a package exports
// and a few for what it loads later. Node takes a quarter of a second to find and compile hundreds of small modules, in
// each process of a run.
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';
import { packages, root } from './packages.mjs';

/** Beside what packages export: where processes start, and what the command line loads. */
const started = {
  '@gauntlet/cli': ['early-worker', 'main'],
  '@gauntlet/core': ['3-worker/worker', 'engines/try-engine'],
  '@gauntlet/retraining': ['train-worker'],
};

/** `import tf = require(…)` of TypeScript, which esbuild knows in CommonJS alone. */
const createsRequire = "import { createRequire as __createRequire } from 'node:module';";

const tsc = path.join(root, 'node_modules/typescript/bin/tsc');
const { status } = spawnSync(process.execPath, [tsc, '-b'], { cwd: root, stdio: 'inherit' });
if (status !== 0) process.exit(1);
const gradients = path.join(root, 'packages/engine-tfjs/src/gradients.js');
if (!existsSync(gradients)) await import('../packages/engine-tfjs/scripts/bundle-gradients.mjs');
await Promise.all(packages.map(bundle));

async function bundle({ folder, manifest }) {
  const [source, target] = ['src', 'dist'].map((name) => path.join(folder, name));
  const names = Object.values(manifest.exports).flatMap(
    (entry) => /^\.\/dist\/(.*)\.js$/.exec(entry.default)?.[1] ?? [],
  );
  const entryPoints = [...names, ...(started[manifest.name] ?? [])].map((name) =>
    ['.ts', '.tsx'].map((end) => path.join(source, name + end)).find((file) => existsSync(file)),
  );
  const { outputFiles } = await build({
    entryPoints,
    outbase: source,
    outdir: target,
    chunkNames: '[name]-[hash]',
    bundle: true,
    splitting: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    target: 'node20',
    sourcemap: true,
    sourcesContent: false,
    legalComments: 'inline',
    write: false,
    plugins: [
      {
        name: 'urls',
        setup: ({ onLoad }) => onLoad({ filter: /\.tsx?$/ }, ({ path: file }) => marked(source, file)),
      },
    ],
  });
  for (const { path: file, text } of outputFiles) {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, unmarked(target, file, text));
  }
  const written = new Set(outputFiles.map((file) => file.path));
  for (const file of readdirSync(target, { recursive: true }).map((name) => path.join(target, name)))
    if (/\.js(\.map)?$/.test(file) && !written.has(file)) rmSync(file);
  // TypeScript leaves declarations that were written by hand where they are, though others name them.
  for (const file of readdirSync(source, { recursive: true }))
    if (file.endsWith('.d.ts')) copyFileSync(path.join(source, file), path.join(target, file));
}

/** A module finds its files from where it would lie if it stood alone, wherever its code comes to lie. */
function marked(source, file) {
  const text = readFileSync(file, 'utf8');
  const built = path
    .relative(source, file)
    .replace(/\.tsx?$/, '.js')
    .replaceAll(path.sep, '/');
  const contents = text
    .replace(
      /^import (\w+) = require\((.*)\);$/m,
      `${createsRequire} const $1 = __createRequire(import.meta.url)($2);`,
    )
    .replaceAll('import.meta.url', `__urlOf(${JSON.stringify(built)})`);
  return { contents, loader: file.endsWith('x') ? 'tsx' : 'ts' };
}
function unmarked(target, file, text) {
  return text.replace(/__urlOf\("([^"]+)"\)/g, (_, built) => {
    const url = path.relative(path.dirname(file), path.join(target, built)).replaceAll(path.sep, '/');
    return `new URL(${JSON.stringify(url.startsWith('.') ? url : `./${url}`)}, import.meta.url).href`;
  });
}
