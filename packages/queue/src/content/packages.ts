import { existsSync, realpathSync } from 'node:fs';
import path from 'node:path';

/** The folder of an installed package, looked for from some folders upwards as Node does. */
export function findPackage(name: string, from: readonly string[]): string | undefined {
  for (const start of from) {
    for (let folder = start; ; folder = path.dirname(folder)) {
      const found = path.join(folder, 'node_modules', name);
      if (existsSync(path.join(found, 'package.json'))) return realpathSync(found);
      if (folder === path.dirname(folder)) break;
    }
  }
  return undefined;
}
