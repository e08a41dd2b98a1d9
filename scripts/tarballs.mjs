// Packs every package as npm would publish it: node scripts/tarballs.mjs [folder], tarballs/ by default.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { packages, root } from './packages.mjs';

const out = path.resolve(process.argv[2] ?? path.join(root, 'tarballs'));
mkdirSync(out, { recursive: true });
const { packageManager } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
const args = [
  '--yes',
  packageManager,
  '--recursive',
  '--filter',
  './packages/*',
  'pack',
  '--pack-destination',
  out,
];
const { status, stdout, stderr } = spawnSync('npx', args, {
  cwd: root,
  encoding: 'utf8',
  shell: process.platform === 'win32',
});
if (status !== 0) {
  console.error(`Packing failed:\n${stdout}${stderr}`);
  process.exit(1);
}
for (const file of readdirSync(out).filter((name) => name.endsWith('.tgz')))
  console.log(path.join(out, file));

// Packages name each other by version, which no registry has yet: npm finds the tarballs, pnpm and Yarn are told.
const resolutions = Object.fromEntries(
  packages.map(({ manifest: { name, version } }) => [
    name,
    `file:${path.join(out, `${name.slice(1).replace('/', '-')}-${version}.tgz`)}`,
  ]),
);
writeFileSync(path.join(out, 'resolutions.json'), `${JSON.stringify({ resolutions }, null, 2)}\n`);
