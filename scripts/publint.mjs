// Checks every package the way npm users would get it: its manifest and files, and that its types resolve.
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { packages, root } from './packages.mjs';

const run = promisify(execFile);
const attw = path.join(root, 'node_modules/@arethetypeswrong/cli/dist/index.js');
const packed = mkdtempSync(path.join(tmpdir(), 'gauntlet-publint-'));

function complain(name, what) {
  console.error(`${name}: ${what}`);
  process.exitCode = 1;
}

/** Each package is packed once, and both tools look at the same archive. */
async function check({ folder, manifest }) {
  const shell = process.platform === 'win32';
  const { stdout } = await run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', packed], {
    cwd: folder,
    shell,
    maxBuffer: 2 ** 26,
  });
  const tarball = path.join(packed, JSON.parse(stdout)[0].filename);
  const bytes = readFileSync(tarball);
  const data = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
  const { messages, pkg } = await publint({ strict: true, pack: { tarball: data } });
  for (const message of messages) complain(manifest.name, formatMessage(message, pkg));
  // All packages are ESM: what CommonJS makes of them is no finding. Schemas and models are data without types.
  const untyped = Object.keys(manifest.exports).filter((subpath) => subpath.endsWith('/*'));
  const args = [attw, tarball, '--profile', 'esm-only', '--format', 'ascii', '--no-color', '--no-emoji'];
  if (untyped.length > 0) args.push('--exclude-entrypoints', ...untyped);
  await run(process.execPath, args).catch(({ stdout, stderr }) =>
    complain(manifest.name, `${stdout}${stderr}`),
  );
}

const waiting = [...packages];
async function checkNext() {
  for (let next = waiting.shift(); next; next = waiting.shift()) await check(next);
}
try {
  await Promise.all(Array.from({ length: availableParallelism() }, checkNext));
} finally {
  rmSync(packed, { recursive: true, force: true });
}
