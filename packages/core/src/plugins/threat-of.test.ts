import { expect, it } from 'vitest';
import { threatOf } from './threat-of.js';

const of = (threat: () => unknown) =>
  threatOf({ name: 'mine', threat: threat as never }, { a: 1 }, 'file:///mine.mjs');

it('passes on what the referee can hold images against', () => {
  for (const norm of ['linf', 'l2', 'l1', 'l0'])
    expect(of(() => ({ norm, epsilon: 0 }))).toEqual({ norm, epsilon: 0 });
  expect(of(() => ({ norm: 'none' }))).toEqual({ norm: 'none' });
});

it('refuses anything else, by the name and the place of the attack', () => {
  const refused: [() => unknown, string][] = [
    [
      () => ({ norm: 'Linf', epsilon: 0.1 }),
      'gives the norm "Linf"; it must be one of linf, l2, l1, l0, none.',
    ],
    [() => undefined, 'gives the norm undefined; it must be one of linf, l2, l1, l0, none.'],
    ...[undefined, NaN, -1, Infinity, '0.1'].map((epsilon): [() => unknown, string] => [
      () => ({ norm: 'l2', epsilon }),
      `gives the epsilon ${epsilon}; it must be a number of at least 0, in input units.`,
    ]),
    [() => ({ norm: 'none', kind: 'x' }), 'gives the kind "x"; it must be "corruption" or left out.'],
    [
      () => {
        throw new Error('no eps');
      },
      'failed for the parameters {"a":1}: no eps',
    ],
  ];
  for (const [threat, message] of refused)
    expect(() => of(threat)).toThrow(`"threat" of the attack mine (file:///mine.mjs) ${message}`);
});
