import { options } from './schema-options.js';

export const limit = (description: string) =>
  options(
    {
      min: { type: 'number' },
      max: { type: 'number' },
      confidence: {
        type: ['number', 'object'],
        exclusiveMinimum: 0,
        exclusiveMaximum: 1,
        properties: {
          level: { type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 1 },
          over: { const: 'spec' },
        },
        required: ['level', 'over'],
        additionalProperties: false,
        description:
          'Demand that the whole confidence interval of this level is on the right side of the limit; { level, over: spec }: of all such limits of the spec together',
      },
    },
    [],
    { description, anyOf: [{ required: ['min'] }, { required: ['max'] }] },
  );
