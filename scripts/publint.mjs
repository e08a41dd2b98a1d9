// Checks every package the way npm users would get it.
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';

const packages = path.join(import.meta.dirname, '../packages');
for (const name of readdirSync(packages)) {
  const pkgDir = path.join(packages, name);
  const { messages, pkg } = await publint({ pkgDir, strict: true, pack: 'npm' });
  for (const message of messages) {
    console.error(`${pkg.name}: ${formatMessage(message, pkg)}`);
    process.exitCode = 1;
  }
}
