import type { Argv, ArgumentsCamelCase } from 'yargs';
import {
  didYouMean,
  GauntletError,
  type Plugin,
  pluginKinds,
  type VictimKind,
  victimKinds,
} from '@gauntlet/api';
import { loadPlugins, type PluginReference, resolveOwn } from '@gauntlet/core';
import { builtInPlugins, packages } from '../built-in.js';
import { exitCode } from '../exit-codes.js';
import type { Io } from '../io.js';

export const command = 'list [what]';
export const describe =
  'Show plugins with their parameters: all that are built in, those of a kind or a name, or those of a file';
export const builder = (yargs: Argv) =>
  yargs
    .positional('what', {
      type: 'string',
      describe: `A kind (${pluginKinds.join(', ')}), a name like pgd, or a plugin of your own like ./mine.ts; all built-in ones by default`,
    })
    .option('json', { type: 'boolean', default: false, describe: 'As JSON' });

interface Property {
  type?: string;
  enum?: unknown[];
  anyOf?: Property[];
  const?: unknown;
  default?: unknown;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  description?: string;
}

type Options = ArgumentsCamelCase<{ json: boolean; what?: string }>;

export async function handler({ json, what }: Options, { stdout, modules, cwd }: Io): Promise<number> {
  const builtIn = await builtInPlugins(modules);
  const plugins = what === undefined ? builtIn : await choose(builtIn, what, cwd);
  if (json) {
    stdout.write(`${JSON.stringify({ plugins }, null, 2)}\n`);
    return exitCode.held;
  }
  const sections = pluginKinds.flatMap((kind) => {
    const some = plugins.filter((plugin) => plugin.kind === kind).map(describePlugin);
    const title = kind === 'criterion' ? 'Criteria' : `${kind[0].toUpperCase()}${kind.slice(1)}s`;
    return some.length > 0 ? [`${title}\n\n${some.join(kind === 'metric' ? '\n' : '\n\n')}\n`] : [];
  });
  stdout.write(sections.length > 0 ? sections.join('\n') : 'None is built in.\n');
  return exitCode.held;
}

/**
 * Those of a kind, as one says it (`gauntlet list reporters`), or of a name, which plugins of several kinds may have; else
 * those of a file or a package, which is loaded for it.
 */
async function choose(builtIn: readonly Plugin[], what: string, folder: string): Promise<readonly Plugin[]> {
  const only = pluginKinds.find((kind) => what === kind || what === `${kind}s`);
  const found = builtIn.filter(({ kind, name }) => (only === undefined ? name === what : kind === only));
  if (only !== undefined || found.length > 0) return found;
  const own = resolveOwn(what, { folder, packages });
  if (own) return pick(await loadPlugins(own.url), own);
  const known = [...pluginKinds, ...builtIn.map(({ name }) => name)];
  throw new GauntletError(
    'usage',
    `No kind of plugin and no built-in plugin is called "${what}".${didYouMean(what, known)} gauntlet list shows all; a file is named by a path that starts with ./, a package has to be installed.`,
  );
}

/** All of a module's, or those that it calls by a name. */
function pick(plugins: readonly Plugin[], { url, name }: PluginReference): readonly Plugin[] {
  if (name === undefined) return plugins;
  const found = plugins.filter((plugin) => plugin.name === name);
  if (found.length > 0) return found;
  const names = plugins.map((plugin) => plugin.name);
  throw new GauntletError(
    'plugin-missing',
    `${url} has no plugin "${name}".${didYouMean(name, names)} It has: ${names.join(', ')}.`,
  );
}

function describePlugin(plugin: Plugin): string {
  const required = new Set(plugin.params.required);
  const parameters = Object.entries(plugin.params.properties).map(([name, schema]) => {
    const property = schema as Property;
    const preset =
      property.default === undefined ? 'optional' : `default ${JSON.stringify(property.default)}`;
    const line = `  ${name.padEnd(14)} ${range(property)}; ${required.has(name) ? 'required' : preset}`;
    return property.description === undefined ? line : `${line}\n${' '.repeat(17)}${property.description}`;
  });
  return [`${plugin.name}: ${plugin.description}${more(plugin)}`, ...parameters].join('\n');
}

/** Whom an attack is for. */
const whom = (wanted: VictimKind): string =>
  wanted === 'any'
    ? 'any victim'
    : [wanted]
        .flat()
        .map((kind) => victimKinds[kind].called)
        .join(' or ');

/** What there is to know of a plugin of its kind. */
function more(plugin: Plugin): string {
  if (plugin.kind === 'attack') return `\n  ${plugin.reference} · for ${whom(plugin.victim)}`;
  if (plugin.kind !== 'engine') return '';
  const devices = plugin.devices.map(
    ({ name, graphicsCard }) => name + (graphicsCard ? ' (graphics card)' : ''),
  );
  return `\n  on ${devices.join(', ')}`;
}

function range(property: Property): string {
  if (property.anyOf) return property.anyOf.map(range).join(' or ');
  if (property.enum) return property.enum.map(String).join(' | ');
  if (property.const !== undefined) return JSON.stringify(property.const);
  const limits = [
    property.minimum !== undefined && `≥ ${property.minimum}`,
    property.exclusiveMinimum !== undefined && `> ${property.exclusiveMinimum}`,
    property.maximum !== undefined && `≤ ${property.maximum}`,
    property.exclusiveMaximum !== undefined && `< ${property.exclusiveMaximum}`,
  ].filter(Boolean);
  return [property.type, ...limits].join(' ');
}
