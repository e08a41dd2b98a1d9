import type { Argv, ArgumentsCamelCase } from 'yargs';
import { type Plugin, pluginKinds } from '@gauntlet/api';
import { builtInPlugins } from '../built-in.js';
import { exitCode } from '../exit-codes.js';
import type { Io } from '../io.js';

export const command = 'list [kind]';
export const describe = 'Show every plugin with its parameters, by kind';
export const builder = (yargs: Argv) =>
  yargs
    .positional('kind', {
      type: 'string',
      // As one says it: gauntlet list reporters.
      choices: pluginKinds.flatMap((kind) => [kind, `${kind}s`]),
      describe: 'Only those of this kind',
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

type Options = ArgumentsCamelCase<{ json: boolean; kind?: string }>;

export async function handler({ json, kind: only }: Options, { stdout, modules }: Io): Promise<number> {
  const kinds = pluginKinds.filter((kind) => only === undefined || only === kind || only === `${kind}s`);
  const plugins = (await builtInPlugins(modules)).filter(({ kind }) => kinds.includes(kind));
  if (json) {
    stdout.write(`${JSON.stringify({ plugins }, null, 2)}\n`);
    return exitCode.held;
  }
  const sections = kinds.flatMap((kind) => {
    const some = plugins.filter((plugin) => plugin.kind === kind).map(describePlugin);
    const title = `${kind[0].toUpperCase()}${kind.slice(1)}s`;
    return some.length > 0 ? [`${title}\n\n${some.join(kind === 'metric' ? '\n' : '\n\n')}\n`] : [];
  });
  stdout.write(sections.length > 0 ? sections.join('\n') : 'None is built in.\n');
  return exitCode.held;
}

function describePlugin(plugin: Plugin): string {
  const required = new Set(plugin.params.required);
  const parameters = Object.entries(plugin.params.properties).map(([name, schema]) => {
    const property = schema as Property;
    const value = required.has(name) ? 'required' : `default ${JSON.stringify(property.default)}`;
    return `  ${name.padEnd(14)} ${range(property)}; ${value}\n${' '.repeat(17)}${property.description}`;
  });
  return [`${plugin.name}: ${plugin.description}${more(plugin)}`, ...parameters].join('\n');
}

/** What there is to know of a plugin of its kind. */
function more(plugin: Plugin): string {
  if (plugin.kind === 'attack')
    return `\n  ${plugin.reference} · for ${plugin.victim === 'any' ? 'any victim' : `a ${plugin.victim}`}`;
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
