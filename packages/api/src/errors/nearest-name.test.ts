import { expect, it } from 'vitest';
import { didYouMean } from './nearest-name.js';

const names = ['pgd', 'noise', 'linf', 'epsilon', 'steps', 'stepSize', 'randomStart'];

it.each([
  ['pdg', 'pgd'],
  ['pgdd', 'pgd'],
  ['nosie', 'noise'],
  ['epsilom', 'epsilon'],
  ['randmStrt', 'randomStart'],
  ['Linf', 'linf'],
  ['eps', 'epsilon'],
  ['stepS', 'steps'],
])('takes %s for %s', (word, meant) => expect(didYouMean(word, names)).toBe(` Did you mean "${meant}"?`));

it.each(['tiny', 'mine', 'x', 'attack'])('takes %s for nothing', (word) =>
  expect(didYouMean(word, names)).toBe(''),
);

it('has nothing to say where nothing is known', () => expect(didYouMean('pgd', [])).toBe(''));
