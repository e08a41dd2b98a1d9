import { existsSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import path from 'node:path';

const core = path.resolve(import.meta.dirname, '../../packages/engine-tfjs');

/** The engine tfjs needs a file that is made, not written; tests run before anything is built. */
export default function setup(): void {
  if (existsSync(path.join(core, 'src/gradients.js'))) return;
  execFileSync(process.execPath, [path.join(core, 'scripts/bundle-gradients.mjs')]);
}
