import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { createJiti } from 'jiti';
import type { DatasetPlugin } from '../datasets/define-dataset.js';
import { GauntletError, reasonOf } from '../errors/gauntlet-error.js';
import { didYouMean } from '../errors/nearest-name.js';
import type { Attack } from './define-attack.js';
import type { CriterionPlugin } from './define-criterion.js';

export type Plugin = Attack | DatasetPlugin | CriterionPlugin;

/** Where a plugin is, in a form that can be sent to a worker. */
export interface PluginReference {
  url: string;
  /** Which one of the module's plugins; needed only if it has several. */
  name?: string;
}

/** Imports a module, TypeScript included. */
export async function importModule(url: string): Promise<{ default?: unknown }> {
  if (/\.[cm]?ts$/.test(url)) return createJiti(import.meta.url).import(fileURLToPath(url));
  return (await import(url)) as { default?: unknown };
}

/** All plugins of a module's default export, or an error that says what is wrong with it. */
export async function loadPlugins(url: string): Promise<Plugin[]> {
  let module: { default?: unknown };
  try {
    module = await importModule(url);
  } catch (error) {
    throw new GauntletError('plugin-broken', `The plugin ${url} cannot be loaded: ${reasonOf(error)}`, {
      cause: error,
    });
  }
  const plugins = [module.default].flat() as Plugin[];
  for (const plugin of plugins) {
    const isAttack = plugin?.kind === 'attack' && typeof plugin.perturb === 'function';
    const isDataset = plugin?.kind === 'dataset' && typeof plugin.load === 'function';
    const isCriterion = plugin?.kind === 'criterion' && typeof plugin.open === 'function';
    if (!isAttack && !isDataset && !isCriterion) {
      throw new GauntletError('plugin-broken', `The default export of ${url} is no plugin. Export defineAttack({ … }), or a list of such.`); // prettier-ignore
    }
  }
  return plugins;
}

export async function loadPlugin({ url, name }: PluginReference): Promise<Plugin> {
  const plugins = await loadPlugins(url);
  if (name === undefined && plugins.length === 1) return plugins[0];
  const found = plugins.find((plugin) => plugin.name === name);
  if (found) return found;
  const names = plugins.map((plugin) => plugin.name);
  throw new GauntletError(
    'plugin-missing',
    name === undefined
      ? `${url} has several plugins (${names.join(', ')}). Name one after a #.`
      : `${url} has no plugin "${name}".${didYouMean(name, names)} It has: ${names.join(', ')}.`,
  );
}

/**
 * From what a spec says (`pgd`, `./mine.js`, `some-package`, `some-package#name`) to a module.
 * `builtIn` maps short names to modules; `folder` is where relative paths and packages are looked up first, `packages` where
 * packages are looked up next.
 */
export function resolvePlugin(
  use: string,
  folder: string,
  builtIn: ReadonlyMap<string, PluginReference>,
  packages?: string,
): PluginReference {
  const known = builtIn.get(use);
  if (known) return known;
  const [module, name] = use.split('#', 2);
  if (/^\.{1,2}\/|^\//.test(module) || path.isAbsolute(module)) {
    const file = path.resolve(folder, module);
    if (!existsSync(file)) throw new GauntletError('plugin-missing', `There is no plugin at ${file}.`);
    return { url: pathToFileURL(file).href, name };
  }
  const file = resolvePackage(module, folder) ?? (packages && resolvePackage(module, packages));
  if (file) return { url: pathToFileURL(file).href, name };
  const names = [...builtIn.keys()];
  throw new GauntletError(
    'plugin-missing',
    `There is no plugin "${use}".${didYouMean(use, names)} Built in: ${names.join(', ')}. ` +
      'Others are named by package (npm install it first) or by a path that starts with ./',
  );
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
