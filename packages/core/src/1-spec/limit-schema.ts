import { options } from './schema-options.js';

export const limit = (description: string) =>
  options(
    {
      min: { type: 'number' },
      max: { type: 'number' },
      confidence: {
        type: 'number',
        exclusiveMinimum: 0,
        exclusiveMaximum: 1,
        description:
          'Demand that the whole confidence interval of this level is on the right side of the limit',
      },
    },
    [],
    { description, anyOf: [{ required: ['min'] }, { required: ['max'] }] },
  );
