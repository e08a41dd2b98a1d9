import { describe, expect, it, vi } from 'vitest';
import { checkAgainst } from './check-params.js';

const schema = {
  type: 'object',
  additionalProperties: false,
  required: ['epsilon'],
  properties: {
    epsilon: { type: 'number', minimum: 0 },
    norm: { enum: ['linf', 'l2'], default: 'linf' },
    steps: { type: 'integer', default: 40 },
  },
} as const;

const messages = (value: unknown) => checkAgainst(schema, value).map(({ message }) => message);

describe('checkAgainst', () => {
  it('says nothing of values that may be of two types', () => {
    const warn = vi.spyOn(console, 'warn');
    const either = { type: 'object', properties: { a: { type: ['number', 'object'], minimum: 1 } } };
    expect(checkAgainst(either, { a: 2 })).toEqual([]);
    expect(warn).not.toHaveBeenCalled();
  });

  it('fills in defaults', () => {
    const value = { epsilon: 0.1 };
    expect(checkAgainst(schema, value)).toEqual([]);
    expect(value).toEqual({ epsilon: 0.1, norm: 'linf', steps: 40 });
  });

  it('names the likely option for a typo', () => {
    expect(messages({ epsilon: 0.1, epsilom: 1 })).toEqual([
      'There is no option "epsilom". Did you mean "epsilon"?',
    ]);
    expect(messages({ epsilon: 0.1, zebra: 1 })).toEqual([
      'There is no option "zebra". Known: epsilon, norm, steps.',
    ]);
  });

  it('says what is missing, of the wrong type, out of range, not among the choices', () => {
    expect(messages({})).toEqual(['Needed here: "epsilon".']);
    expect(messages({ epsilon: 'x' })).toEqual(['"epsilon" must be a number; found "x".']);
    expect(messages({ epsilon: -1 })).toEqual(['"epsilon" must be >= 0; found -1.']);
    expect(messages({ epsilon: 1, norm: 'l3' })).toEqual([
      '"norm" must be one of "linf", "l2"; found "l3". Did you mean "l2"?',
    ]);
    expect(messages({ epsilon: 1, steps: 1.5 })).toEqual(['"steps" must be an integer; found 1.5.']);
  });
});
