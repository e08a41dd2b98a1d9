import { createHash } from 'node:crypto';
import { readFileSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { init, parse } from 'es-module-lexer';
import { resolvePackage } from '../attacks/load-plugin.js';

/**
 * sha256 over a module and what it imports, as far as that is somebody's own code: packages installed into node_modules
 * go by their versions, code that is being worked on has none that could be relied on.
 */
export async function codeHash(url: string): Promise<string> {
  await init();
  const hash = createHash('sha256');
  const seen = new Set<string>();
  const open = [fileURLToPath(url)];
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    const real = realpathSync(file);
    if (seen.has(real) || real.includes(`${path.sep}node_modules${path.sep}`)) continue;
    seen.add(real);
    const text = readFileSync(real, 'utf8');
    hash.update(text);
    open.push(...importsOf(text, real));
  }
  return hash.digest('hex');
}

/** Files that a module imports. */
function importsOf(text: string, file: string): string[] {
  let names: (string | null | undefined)[];
  try {
    names = parse(text)[0].map(({ specifier }) => specifier);
  } catch {
    // Not plain JavaScript (a plugin in TypeScript): it counts by itself.
    return [];
  }
  const folder = path.dirname(file);
  return names.flatMap((name) => {
    if (!name || name.startsWith('node:')) return [];
    const found = name.startsWith('.') ? path.resolve(folder, name) : resolvePackage(name, folder);
    return found && path.isAbsolute(found) && /\.[cm]?js$/.test(found) ? [found] : [];
  });
}
