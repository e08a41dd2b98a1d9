import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { didYouMean, GauntletError, type PluginKind } from '@gauntlet/api';
import { loadPlugins, type PluginReference } from './load-plugin.js';

/** The plugins that go by short names, by kind. */
export type BuiltIn = Readonly<Partial<Record<PluginKind, ReadonlyMap<string, PluginReference>>>>;

/** Short names for all plugins of some modules. */
export async function builtInOf(urls: readonly string[]): Promise<BuiltIn> {
  const found: Partial<Record<PluginKind, Map<string, PluginReference>>> = {};
  for (const url of urls)
    for (const { kind, name } of await loadPlugins(url))
      (found[kind] ??= new Map<string, PluginReference>()).set(name, { url, name });
  return found;
}

/** Where plugins are looked for. */
export interface PluginPlaces {
  builtIn: BuiltIn;
  /** Relative paths are relative to it, and packages are looked up from there first. */
  folder: string;
  /** Packages are looked up from there next. */
  packages?: string;
}

/**
 * From what a spec says (`pgd`, `./mine.js`, `some-package`, `some-package#name`) to a module.
 * @throws GauntletError `plugin-missing`
 */
export function resolvePlugin(
  kind: PluginKind,
  use: string,
  { builtIn, folder, packages }: PluginPlaces,
): PluginReference {
  const shortNames = builtIn[kind] ?? new Map<string, PluginReference>();
  const found = shortNames.get(use) ?? resolveOwn(use, { folder, packages });
  if (found) return found;
  const names = [...shortNames.keys()];
  throw new GauntletError(
    'plugin-missing',
    `There is no plugin "${use}".${didYouMean(use, names)} Built in: ${names.join(', ') || `no ${kind}`}. ` +
      'Others are named by package (npm install it first) or by a path that starts with ./',
  );
}

/**
 * The module that a path or a package (`./mine.js`, `some-package#name`) means; nothing where no such package is installed.
 * @throws GauntletError `plugin-missing` if there is no file at a path
 */
export function resolveOwn(
  use: string,
  { folder, packages }: Omit<PluginPlaces, 'builtIn'>,
): PluginReference | undefined {
  const [module, name] = use.split('#', 2);
  if (/^\.{1,2}\/|^\//.test(module) || path.isAbsolute(module)) {
    const file = path.resolve(folder, module);
    if (!existsSync(file)) throw new GauntletError('plugin-missing', `There is no plugin at ${file}.`);
    return { url: pathToFileURL(file).href, name };
  }
  const file = resolvePackage(module, folder) ?? (packages && resolvePackage(module, packages));
  return file ? { url: pathToFileURL(file).href, name } : undefined;
}

/** The file that `import(name)` from `folder` would take, or nothing. */
export function resolvePackage(name: string, folder: string): string | undefined {
  try {
    return createRequire(path.join(folder, 'x.js')).resolve(name);
  } catch {
    return resolveImportOnly(name, folder);
  }
}

/** Packages that offer only the `import` condition are invisible to require.resolve. */
function resolveImportOnly(name: string, folder: string): string | undefined {
  const root = path.join(folder, 'node_modules', name);
  const manifest = path.join(root, 'package.json');
  if (existsSync(manifest)) {
    const { exports } = JSON.parse(readFileSync(manifest, 'utf8')) as { exports?: Record<string, unknown> };
    const main = exports?.['.'] ?? exports;
    const entry = (main as { import?: string | { default?: string } } | undefined)?.import;
    const file = typeof entry === 'string' ? entry : entry?.default;
    return file && path.join(root, file);
  }
  const parent = path.dirname(folder);
  return parent === folder ? undefined : resolveImportOnly(name, parent);
}
