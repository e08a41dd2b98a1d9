import type { EnginePlugin, Plugin } from '@gauntlet/api';
import { fractionPattern } from './fractions.js';
import { limit } from './limit-schema.js';
import { specSchema } from './spec-schema.js';

/** A package (npm's rule for names without a scope), or what has a scope, a name within a package or a path. */
const reference = '^[a-z0-9_-][a-z0-9._-]*$|[/#@.]';

/**
 * The spec schema with the parameters of known plugins in place: `params` of an entry depends on its `use`.
 * For editors; the runner checks plugins' parameters by their own schemas.
 */
export function editorSchema(plugins: readonly Plugin[]): object {
  const schema = orFraction(specSchema) as {
    properties: {
      victim: Schema;
      attacks: { items: Schema };
      dataset: Dataset;
      retrain: { properties: { test: Dataset } };
    };
  };
  const attacks = plugins.filter(({ kind }) => kind === 'attack');
  schema.properties.victim.oneOf = [{ required: ['model'] }, { required: ['use'] }];
  const { engine } = schema.properties.victim.properties as { engine: { anyOf: object[] } };
  const engines = plugins.filter((plugin) => plugin.kind === 'engine');
  engine.anyOf = [...engineNames(engines), { ...engine.anyOf[1], allOf: engines.map(branch) }];
  const { items } = schema.properties.attacks;
  items.properties.use = {
    description: items.properties.use.description,
    anyOf: [{ enum: attacks.map(({ name }) => name) }, { type: 'string', pattern: reference }],
  };
  items.allOf = attacks.map(branch);
  items.properties.expect.properties = Object.fromEntries(
    plugins
      .filter(({ kind }) => kind === 'metric')
      .map(({ name, description }) => [name, orFraction(limit(description))]),
  );
  for (const { oneOf } of [schema.properties.dataset, schema.properties.retrain.properties.test]) {
    const data = oneOf.find(({ properties }) => properties.format.const === 'plugin')!;
    data.allOf = plugins.filter(({ kind }) => kind === 'dataset').map(branch);
  }
  return schema;
}

/** A copy in which `8/255` stands for a number, as the loader of specs has it. */
function orFraction(schema: object): object {
  const inner = Object.entries(schema).map(([key, value]: [string, unknown]) => [
    key,
    Array.isArray(value)
      ? value.map((one: unknown) => (isObject(one) ? orFraction(one) : one))
      : isObject(value)
        ? orFraction(value)
        : value,
  ]);
  const copy = Object.fromEntries(inner) as { type?: unknown };
  return copy.type === 'number' ? { ...copy, type: ['number', 'string'], pattern: fractionPattern } : copy;
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** Others' engines are not known here; of those that are, no other devices are taken. */
function engineNames(engines: readonly EnginePlugin[]): object[] {
  const known = engines.flatMap(({ name, devices }) => [
    name,
    ...devices.map((one) => `${name}:${one.name}`),
  ]);
  const others = `^(?!(auto|${engines.map(({ name }) => name).join('|')}):)([a-z0-9_-][a-z0-9._-]*(:[a-z][a-z0-9-]*)?$|.*[/#@.])`;
  return [{ enum: ['auto', ...known] }, { type: 'string', pattern: others }];
}

interface Dataset {
  oneOf: Schema[];
}

interface Schema {
  properties: Record<string, { const?: string; description?: string; [key: string]: unknown }>;
  allOf?: object[];
  oneOf?: object[];
}

function branch({ kind, name, description, params, ...rest }: Plugin): object {
  const reference = 'reference' in rest ? ` (${rest.reference})` : '';
  const { required, ...schema } = params;
  const needed = required && { required: ['params'], properties: { params: { required } } };
  return {
    if: { properties: { use: { const: name } }, required: ['use'] },
    then: {
      properties: {
        params: {
          ...(kind === 'attack' ? orFraction(schema) : schema),
          description: `${description}${reference}`,
        },
      },
      // What is swept over need not be among the params; the runner looks closer.
      ...(needed &&
        (kind === 'attack' ? { if: { required: ['sweep'] }, else: needed } : { allOf: [needed] })),
    },
  };
}
