import { fileURLToPath } from 'node:url';
import {
  type Attack,
  contractVersion,
  didYouMean,
  GauntletError,
  type ModelKind,
  modelKinds,
  type Plugin,
  pluginFunctions,
  type PluginKind,
  type PluginKinds,
  pluginKinds,
  reasonOf,
} from '@gauntlet/api';

/** Where a plugin is, in a form that can be sent to a worker. */
export interface PluginReference {
  url: string;
  /** Which one of the module's plugins; needed only if it has several. */
  name?: string;
}

/** Imports a module, TypeScript included. */
export async function importModule(url: string): Promise<{ default?: unknown }> {
  if (/\.[cm]?ts$/.test(url)) {
    const { createJiti } = await import('jiti');
    return createJiti(import.meta.url).import(fileURLToPath(url));
  }
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
  if (module.default === undefined)
    throw new GauntletError(
      'plugin-broken',
      `${url} has no default export. Write export default defineAttack({ … }), or export a list of such as its default (kinds: ${pluginKinds.join(', ')}).`,
    );
  const plugins = [module.default].flat() as Plugin[];
  plugins.forEach((plugin) => checkPlugin(plugin, url));
  return plugins;
}

function checkPlugin(plugin: Partial<Plugin> | undefined, url: string): void {
  const needed = plugin?.kind && Object.hasOwn(pluginFunctions, plugin.kind) && pluginFunctions[plugin.kind];
  if (!needed || typeof (plugin as Record<string, unknown>)[needed] !== 'function') {
    throw new GauntletError(
      'plugin-broken',
      `The default export of ${url} is no plugin. Export defineAttack({ … }), or a list of such (kinds: ${pluginKinds.join(', ')}).`,
    );
  }
  if (plugin.contract === contractVersion) return checkDescription(plugin as Plugin, url);
  throw new GauntletError(
    'plugin-contract',
    `The ${plugin.kind} ${plugin.name} of ${url} was built for version ${String(plugin.contract ?? 0)} of the plugin contract, this Gauntlet has version ${contractVersion}. Install a version of it that was built with this @gauntlet/api.`,
  );
}

/** What plugins that no compiler has seen leave out or misspell. */
function checkDescription(plugin: Plugin, url: string): void {
  const { kind, name, version, params } = plugin as Partial<Plugin>;
  const wrong = [
    typeof name === 'string' && name !== '' ? '' : '"name" must be a text',
    Number.isInteger(version)
      ? ''
      : '"version" must be an integer, counted up when the same options give other results',
    typeof params === 'object' && params !== null ? '' : '"params" must be the JSON Schema of its options',
    ...(kind === 'attack' ? wrongOfAttack(plugin as Partial<Attack>) : []),
  ].filter(Boolean);
  if (wrong.length > 0)
    throw new GauntletError(
      'plugin-broken',
      `The ${kind} ${String(name ?? '')} of ${url} is not complete: ${wrong.join('; ')}.`,
    );
}

const wrongOfAttack = ({ threat, usesGradients, victim }: Partial<Attack>): string[] => [
  typeof threat === 'function' ? '' : '"threat" must be a function, (params) => ({ norm, epsilon })',
  typeof usesGradients === 'boolean' ? '' : '"usesGradients" must be true or false',
  isVictimKind(victim) ? '' : `"victim" must be one of ${[...modelKinds, 'any'].join(', ')}`,
];
const isVictimKind = (victim: unknown): boolean =>
  [victim].flat().every((kind) => kind === 'any' || modelKinds.includes(kind as ModelKind));

/**
 * The plugin of a kind that a reference means.
 * @throws GauntletError `plugin-broken`, `plugin-missing`, `plugin-contract`, or `plugin-kind` if it is of another kind.
 */
export async function loadPlugin<K extends PluginKind>(
  kind: K,
  { url, name }: PluginReference,
): Promise<PluginKinds[K]> {
  const plugins = await loadPlugins(url);
  const named = name === undefined ? plugins : plugins.filter((plugin) => plugin.name === name);
  const found = named.filter((plugin) => plugin.kind === kind);
  if (found.length === 1) return found[0] as PluginKinds[K];
  const names = plugins.map((plugin) => plugin.name);
  if (found.length > 1) {
    const several = found.map((plugin) => plugin.name).join(', ');
    throw new GauntletError('plugin-missing', `${url} has several plugins (${several}). Name one after a #.`);
  }
  if (named.length === 0) {
    throw new GauntletError(
      'plugin-missing',
      `${url} has no plugin "${name}".${didYouMean(name!, names)} It has: ${names.join(', ')}.`,
    );
  }
  throw new GauntletError(
    'plugin-kind',
    `${named.map((one) => `"${one.name}" is of kind ${one.kind}`).join(', ')}; needed here is one of kind ${kind}.`,
  );
}
