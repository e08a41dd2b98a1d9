import { attack } from './attack-schema.js';
import { dataset } from './dataset-schema.js';
import { retrain } from './retrain-schema.js';
import { options, text } from './schema-options.js';
import { strict } from './strict-schema.js';
import { victim } from './victim-schema.js';

/** What a spec file looks like, for validation and for editors. Attack parameters are checked by their own schema. */
export const specSchema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'Gauntlet robustness spec',
  ...options(
    {
      $schema: { type: 'string' },
      victim,
      victims: {
        type: 'array',
        items: victim,
        minItems: 1,
        description: 'Several victims, each attacked by every attack',
      },
      dataset,
      seed: { type: 'integer', minimum: 0, default: 0, description: 'Same seed, same bytes' },
      maxUnassessed: {
        type: 'number',
        minimum: 0,
        maximum: 1,
        default: 0,
        description: 'Share of samples that may stay without an outcome before a cell is inconclusive',
      },
      strict,
      gate: {
        enum: ['all', 'early'],
        default: 'all',
        description:
          'early: a cell ends as soon as its expectations, rates with a confidence, are decided; its intervals hold at any time',
      },
      reuse: {
        enum: ['examples', 'none'],
        description:
          'examples: perturbed inputs that break samples are kept for a baseline. Runs against a baseline try what it keeps before they attack, unless this is none',
      },
      estimator: {
        anyOf: [
          { type: 'string', minLength: 1 },
          options({ use: text('package#name or ./path'), params: { type: 'object', default: {} } }, ['use']),
        ],
        description:
          'What the referee measures mutual information with: an estimator plugin; gaussian by default',
      },
      metrics: {
        type: 'array',
        items: {
          anyOf: [
            { type: 'string', minLength: 1 },
            options(
              {
                use: text('package#name or ./path'),
                params: { type: 'object', default: {} },
                name: text('How expect and reports call it; its own name by default'),
              },
              ['use'],
            ),
          ],
        },
        description: 'Metric plugins, which expect may name beside the metrics that come along',
      },
      threat: options(
        {
          norm: { enum: ['linf', 'l2', 'l1'], description: 'How a perturbation is measured' },
          epsilon: { type: 'number', minimum: 0, description: 'Its largest length, in input units' },
          immutable: {
            type: 'array',
            items: { type: 'integer', minimum: 0 },
            minItems: 1,
            uniqueItems: true,
            description: 'Features that keep their value, by their positions in the input',
          },
          bounds: {
            type: 'object',
            minProperties: 1,
            additionalProperties: {
              type: 'array',
              items: { type: 'number' },
              minItems: 2,
              maxItems: 2,
            },
            description: 'Smallest and largest value of single features, by their positions',
          },
        },
        [],
        {
          minProperties: 1,
          dependencies: { norm: ['epsilon'], epsilon: ['norm'] },
          description: 'What every attack is held to, beside what it says of itself',
        },
      ),
      attacks: { type: 'array', items: attack, minItems: 1 },
      retrain: { ...retrain, description: 'gauntlet retrain: does training on the perturbed images help?' },
    },
    ['dataset', 'attacks'],
  ),
};
