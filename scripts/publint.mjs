// Checks every package the way npm users would get it: its manifest and files, and that its types resolve.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { packages, root } from './packages.mjs';

const attw = path.join(root, 'node_modules/@arethetypeswrong/cli/dist/index.js');

for (const { folder } of packages) {
  const { messages, pkg } = await publint({ pkgDir: folder, strict: true, pack: 'npm' });
  for (const message of messages) {
    console.error(`${pkg.name}: ${formatMessage(message, pkg)}`);
    process.exitCode = 1;
  }
  // All packages are ESM: what CommonJS makes of them is no finding. Schemas and models are data without types.
  const data = Object.keys(pkg.exports).filter((subpath) => subpath.endsWith('/*'));
  const args = ['--pack', folder, '--profile', 'esm-only', '--format', 'ascii', '--no-color', '--no-emoji'];
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [attw, ...args, ...(data.length > 0 ? ['--exclude-entrypoints', ...data] : [])],
    { encoding: 'utf8' },
  );
  if (status !== 0) {
    console.error(`${pkg.name}: ${stdout}${stderr}`);
    process.exitCode = 1;
  }
}
