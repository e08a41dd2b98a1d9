import type { Argv, ArgumentsCamelCase } from 'yargs';
import type { Plugin } from '@gauntlet/core';
import { metricNames } from '@gauntlet/core';
import { builtInPlugins } from '../built-in.js';
import { exitCode } from '../exit-codes.js';
import type { Io } from '../io.js';

export const command = 'list';
export const describe = 'Show every attack and dataset with its parameters, and every metric';
export const builder = (yargs: Argv) =>
  yargs.option('json', { type: 'boolean', default: false, describe: 'As JSON' });

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

type Options = ArgumentsCamelCase<{ json: boolean }>;

export async function handler({ json }: Options, { stdout }: Io): Promise<number> {
  const plugins = await builtInPlugins();
  if (json) {
    stdout.write(`${JSON.stringify({ plugins, metrics: metricNames }, null, 2)}\n`);
    return exitCode.held;
  }
  const of = (kind: Plugin['kind']) => plugins.filter((plugin) => plugin.kind === kind).map(describePlugin);
  const metrics = Object.entries(metricNames).map(([name, meaning]) => `  ${name.padEnd(16)} ${meaning}`);
  stdout.write(`Attacks\n\n${of('attack').join('\n\n')}\n\nDatasets (format: plugin)\n\n${of('dataset').join('\n\n')}\n\nMetrics\n\n${metrics.join('\n')}\n`); // prettier-ignore
  return exitCode.held;
}

function describePlugin(plugin: Plugin): string {
  const required = new Set(plugin.params.required);
  const parameters = Object.entries(plugin.params.properties).map(([name, schema]) => {
    const property = schema as Property;
    const value = required.has(name) ? 'required' : `default ${JSON.stringify(property.default)}`;
    return `  ${name.padEnd(14)} ${range(property)}; ${value}\n${' '.repeat(17)}${property.description}`;
  });
  const origin =
    plugin.kind === 'attack'
      ? `\n  ${plugin.reference} · for ${plugin.victim === 'any' ? 'any victim' : `a ${plugin.victim}`}`
      : '';
  return `${plugin.name}: ${plugin.description}${origin}\n${parameters.join('\n')}`;
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
