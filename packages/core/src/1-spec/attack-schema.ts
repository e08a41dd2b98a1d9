import { limit } from './limit-schema.js';
import { options, text } from './schema-options.js';

/** An attack of a spec. Its parameters are checked by its own schema. */
export const attack = options(
  {
    use: text('An attack: a built-in name, a package, package#name or ./path'),
    name: text('How reports call it; must be unique. The attack name by default'),
    params: {
      type: 'object',
      default: {},
      description: 'Parameters of the attack; gauntlet list shows them',
    },
    criterion: {
      anyOf: [
        { type: 'string', minLength: 1 },
        options({ use: text('package#name or ./path'), params: { type: 'object', default: {} } }, ['use']),
      ],
      description:
        'The goal, where it is not misclassification or (autoencoder) reconstruction: a criterion plugin',
    },
    sweep: {
      type: 'object',
      minProperties: 1,
      maxProperties: 1,
      additionalProperties: { type: 'array', items: { type: 'number' }, minItems: 2, uniqueItems: true },
      description:
        'One parameter and its values: the attack is done with each of them, and what is expected has to hold for all',
    },
    expect: {
      type: 'object',
      default: {},
      description: 'What must hold for the build to pass, by metric',
      additionalProperties: limit('Limits of a metric'),
    },
  },
  ['use'],
);
