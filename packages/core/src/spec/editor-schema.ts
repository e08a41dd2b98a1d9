import type { Plugin } from '../attacks/load-plugin.js';
import { specSchema } from './spec-schema.js';

/**
 * The spec schema with the parameters of known plugins in place: `params` of an entry depends on its `use`.
 * For editors; the runner checks plugins' parameters by their own schemas.
 */
export function editorSchema(plugins: readonly Plugin[]): object {
  const schema = structuredClone(specSchema) as unknown as {
    properties: { attacks: { items: Schema }; dataset: Dataset; retrain: { properties: { test: Dataset } } };
  };
  const attacks = plugins.filter(({ kind }) => kind === 'attack');
  const { items } = schema.properties.attacks;
  items.properties.use = {
    description: items.properties.use.description,
    anyOf: [{ enum: attacks.map(({ name }) => name) }, { type: 'string', pattern: '[/#@.]' }],
  };
  items.allOf = attacks.map(branch);
  for (const { oneOf } of [schema.properties.dataset, schema.properties.retrain.properties.test]) {
    const data = oneOf.find(({ properties }) => properties.format.const === 'plugin')!;
    data.allOf = plugins.filter(({ kind }) => kind === 'dataset').map(branch);
  }
  return schema;
}

interface Dataset {
  oneOf: Schema[];
}

interface Schema {
  properties: Record<string, { const?: string; description?: string; [key: string]: unknown }>;
  allOf?: object[];
}

function branch({ kind, name, description, params, ...rest }: Plugin): object {
  const reference = 'reference' in rest ? ` (${rest.reference})` : '';
  const { required, ...schema } = params;
  const needed = required && { required: ['params'], properties: { params: { required } } };
  return {
    if: { properties: { use: { const: name } }, required: ['use'] },
    then: {
      properties: { params: { ...schema, description: `${description}${reference}` } },
      // What is swept over need not be among the params; the runner looks closer.
      ...(needed &&
        (kind === 'attack' ? { if: { required: ['sweep'] }, else: needed } : { allOf: [needed] })),
    },
  };
}
