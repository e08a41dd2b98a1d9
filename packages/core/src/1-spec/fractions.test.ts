import { expect, it } from 'vitest';
import { readFractions } from './fractions.js';
import { specSchema } from './spec-schema.js';

const number = { type: 'number' };

it('reads fractions where a schema takes numbers', () => {
  const schema = {
    properties: { epsilon: number, step: { anyOf: [number, { type: 'null' }] }, name: { type: 'string' } },
  };
  const given = { epsilon: '8/255', step: '2/255', name: '1/2', other: '1/2' };
  expect(readFractions(schema, given)).toEqual({ ...given, epsilon: 8 / 255, step: 2 / 255 });
});

it('leaves what is no fraction for the schema to refuse', () => {
  for (const text of ['8/0', '8', 'eight/255', '8/255/2', '']) expect(readFractions(number, text)).toBe(text);
});

it('reads those of a spec: the threat model, sweeps, bounds and preprocessing', () => {
  const victim = { model: '1/2', bounds: [0, '1/2'], preprocess: { scale: '1/255', mean: ['1/2', 0.1] } };
  const spec = {
    victim,
    threat: { norm: 'l2', epsilon: '1/2' },
    attacks: [{ sweep: { epsilon: ['1/255'] } }],
  };
  expect(readFractions(specSchema, spec)).toEqual({
    victim: { model: '1/2', bounds: [0, 0.5], preprocess: { scale: 1 / 255, mean: [0.5, 0.1] } },
    threat: { norm: 'l2', epsilon: 0.5 },
    attacks: [{ sweep: { epsilon: [1 / 255] } }],
  });
});
