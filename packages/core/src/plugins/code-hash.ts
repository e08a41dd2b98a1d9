import { createHash } from 'node:crypto';
import { readFileSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { resolvePackage } from './resolve-plugin.js';

/**
 * sha256 over a module and what it imports, as far as that is somebody's own code: packages installed into node_modules
 * go by their versions, code that is being worked on has none that could be relied on.
 */
export function codeHash(url: string): string {
  const hash = createHash('sha256');
  const seen = new Set<string>();
  const open = [fileURLToPath(url)];
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    const real = realpathSync(file);
    if (seen.has(real) || real.includes(`${path.sep}node_modules${path.sep}`)) continue;
    seen.add(real);
    const text = readFileSync(real, 'utf8');
    hash.update(text);
    open.push(...importsOf(text, path.dirname(real)));
  }
  return hash.digest('hex');
}

/** `from '…'`, `import '…'`, `import('…')`, in JavaScript and TypeScript; one too many (in a comment) does no harm. */
const imports = /\b(?:from|import)\s*\(?\s*(['"])([^'"\n]+)\1/g;

/** Files that a module imports. */
function importsOf(text: string, folder: string): string[] {
  return [...text.matchAll(imports)].flatMap(([, , name]) => {
    if (name.startsWith('node:')) return [];
    const found = name.startsWith('.') ? findFile(path.resolve(folder, name)) : resolvePackage(name, folder);
    return found && path.isAbsolute(found) && isCode(found) ? [found] : [];
  });
}

const isCode = (file: string) => /\.[cm]?[jt]s$/.test(file) && isFile(file);
const isFile = (file: string) => statSync(file, { throwIfNoEntry: false })?.isFile() ?? false;

/** TypeScript may be imported without its extension, or under the one of what it is compiled to. */
const findFile = (file: string): string | undefined =>
  [
    file,
    file.replace(/\.([cm]?)js$/, '.$1ts'),
    ...['.ts', '.js', '/index.ts', '/index.js'].map((end) => file + end),
  ].find(isFile);
