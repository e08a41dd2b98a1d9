import { describe, expect, it, vi } from 'vitest';
import { checkAgainst, checkSchema } from './check-params.js';

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

  it('names an item by its list', () => {
    const list = (items: object) => ({ type: 'object', properties: { kinds: { type: 'array', items } } });
    expect(checkAgainst(list({ enum: ['fog', 'snow'] }), { kinds: ['fog', 'snwo'] })).toEqual([
      {
        path: ['kinds', 1],
        message: '"kinds[1]" must be one of "fog", "snow"; found "snwo". Did you mean "snow"?',
      },
    ]);
    const nested = list({ type: 'array', items: { type: 'number' } });
    expect(checkAgainst(nested, { kinds: [[1], [2, 'x']] })[0].message).toMatch(/^"kinds\[1\]\[1\]" must be/);
  });
});

describe('checkSchema', () => {
  const of = (params: object) => () => checkSchema({ kind: 'attack', name: 'mine', params: params as never });

  it('names the plugin and the place in its schema', () => {
    expect(of(schema)).not.toThrow();
    expect(of({ type: 'object', properties: { steps: { type: 'int' } } })).toThrow(
      /^"params" of the attack mine is no JSON Schema of its options: at \/properties\/steps\/type, "type" must be one of .*; found "int"\./,
    );
    expect(of({ type: 'object', properties: { name: { pattern: '(' } } })).toThrow(
      /^"params" of the attack mine is no JSON Schema of its options: .*\(/,
    );
  });
});
