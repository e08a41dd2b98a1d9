import { createHash, type Hash } from 'node:crypto';
import { readFileSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { findUnseen, type Unseen } from './unseen-code.js';
import { resolvePackage } from './resolve-plugin.js';

export interface CodeHash {
  /** sha256, in hexadecimal. */
  hash: string;
  /** What the code takes in that the hash cannot know. */
  unseen: Unseen;
  /** The files whose bytes are in it, the module itself first; absolute, with links resolved. */
  files: string[];
}

/**
 * sha256 over a module and all that it names: what it imports or requires, code or JSON, and files that it names by
 * `new URL('…', import.meta.url)`. Other packages in node_modules go by their names and versions; code that is being
 * worked on has no version that could be relied on.
 */
export function codeHash(url: string): CodeHash {
  const hash = createHash('sha256');
  const unseen: Unseen = {};
  const seen = new Set<string>();
  const entry = realpathSync(fileURLToPath(url));
  const packages = new Map<string, Package | undefined>();
  const packageWith = (file: string) => packageAround(path.dirname(file), packages);
  const home = packageWith(entry);
  const files: string[] = [];
  const open = [entry];
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    const real = realpathSync(file);
    if (seen.has(real)) continue;
    seen.add(real);
    const its = packageWith(real);
    if (isInstalled(real) && its?.folder !== home?.folder) {
      addVersion(hash, its);
      continue;
    }
    const bytes = readFileSync(real);
    hash.update(bytes);
    files.push(real);
    if (!isCode(real)) continue;
    const text = bytes.toString('utf8');
    open.push(...namedBy(text, real));
    // Packages of Gauntlet have a version in the key, and nothing of a plugin's that they would read.
    if (!its?.name?.startsWith('@gauntlet/')) Object.assign(unseen, { ...findUnseen(text, real), ...unseen });
  }
  return { hash: hash.digest('hex'), unseen, files };
}

const isInstalled = (file: string) => file.includes(`${path.sep}node_modules${path.sep}`);
const isCode = (file: string) => /\.[cm]?[jt]sx?$/.test(file);
const isFile = (file: string) => statSync(file, { throwIfNoEntry: false })?.isFile() ?? false;

export interface Package {
  folder: string;
  name?: string;
  version?: string;
}

const addVersion = (hash: Hash, its: Package | undefined) => hash.update(`${its?.name}@${its?.version}\n`);

/** The package that a file belongs to, by the nearest package.json with a name. */
export const packageOf = (file: string): Package | undefined => packageAround(path.dirname(file), new Map());

/** @param known What was found of other folders. */
function packageAround(folder: string, known: Map<string, Package | undefined>): Package | undefined {
  if (known.has(folder)) return known.get(folder);
  const parent = path.dirname(folder);
  const found = packageIn(folder) ?? (folder === parent ? undefined : packageAround(parent, known));
  known.set(folder, found);
  return found;
}

function packageIn(folder: string): Package | undefined {
  const manifest = path.join(folder, 'package.json');
  if (!isFile(manifest)) return undefined;
  const { name, version } = JSON.parse(readFileSync(manifest, 'utf8')) as Omit<Package, 'folder'>;
  return name === undefined ? undefined : { folder, name, version };
}

/** `from '…'`, `import '…'`, `import('…')`, `require('…')`; one too many (in a comment) does no harm. */
const imports = /\b(?:from|import|require)\s*\(?\s*(['"`])([^'"`\n$]+)\1/g;
const fileUrls = /\bnew\s+URL\s*\(\s*(['"`])([^'"`\n$]+)\1\s*,\s*import\.meta\.url/g;

/** Files that a module names, as far as they are there. */
function namedBy(text: string, file: string): string[] {
  const folder = path.dirname(file);
  const imported = [...text.matchAll(imports)].flatMap(([, , name]) => {
    if (name.startsWith('node:')) return [];
    const found = fileOf(name, folder);
    return found && path.isAbsolute(found) && isFile(found) ? [found] : [];
  });
  const beside = [...text.matchAll(fileUrls)].flatMap(([, , name]) => {
    const target = new URL(name, pathToFileURL(file));
    const found = target.protocol === 'file:' ? fileURLToPath(target) : '';
    return isFile(found) ? [found] : [];
  });
  return [...imported, ...beside];
}

function fileOf(name: string, folder: string): string | undefined {
  if (name.startsWith('file:')) return fileURLToPath(name);
  return name.startsWith('.') ? findFile(path.resolve(folder, name)) : resolvePackage(name, folder);
}

/** TypeScript may be imported without its extension, or under the one of what it is compiled to. */
const findFile = (file: string): string | undefined =>
  [
    file,
    file.replace(/\.([cm]?)js$/, '.$1ts'),
    ...['.ts', '.js', '.json', '/index.ts', '/index.js'].map((end) => file + end),
  ].find(isFile);
