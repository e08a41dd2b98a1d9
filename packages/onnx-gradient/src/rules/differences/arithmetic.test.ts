import { agreeWithDifferences, image, on, positive, two } from './cases.test-support.js';
import { spaced } from '../../gradient.test-support.js';
import { constantFrom } from '../../model/constant.js';

/** Numbers within 0.2 or so of one. */
const near = (name: string, dims: number[], to: number) => {
  const x = spaced(dims, name.charCodeAt(0), 0.05);
  (x.data as Float32Array).forEach((v, i, all) => (all[i] = to + v / 20));
  return x;
};

agreeWithDifferences({
  Exp: on(['N', 20], 'Exp'),
  Log: on(image, 'Log', {}, { feeds: positive }),
  Sqrt: on(image, 'Sqrt', {}, { feeds: positive }),
  Reciprocal: on(image, 'Reciprocal', {}, { feeds: positive }),
  Abs: on(image, 'Abs'),
  Neg: on(image, 'Neg'),
  Mod: {
    inputs: { a: ['N', 7], b: ['N', 7] },
    write: (g) => g.op('Mod', ['a', 'b'], { fmod: 1 }),
    feeds: (name, dims) => {
      const x = spaced(dims, name.charCodeAt(0), 0.05);
      (x.data as Float32Array).forEach((v, i, all) => (all[i] = name === 'a' ? 4.5 + v / 4 : 1.3 + v / 20));
      return x;
    },
  },
  'Sub (of the whole part, a fraction)': {
    inputs: { x: ['N', 7] },
    write: (g) => g.sub('x', g.op('Floor', ['x'])),
    feeds: (name, dims) => near(name, dims, 2.5),
  },
  'Sub (of whole multiples, a remainder as PyTorch exports it)': {
    inputs: { a: ['N', 7], b: ['N', 7] },
    write: (g) => g.sub('a', g.mul(g.op('Floor', [g.div('a', 'b')]), 'b')),
    feeds: (name, dims) => near(name, dims, name === 'a' ? 4.5 : 1.3),
  },
  'Sub (of whole multiples of a number that is written twice)': {
    inputs: { x: ['N', 7] },
    write: (g) => {
      const [six, again] = [0, 1].map(() => g.constant(constantFrom('float32', [], [6])));
      return g.sub('x', g.mul(again, g.op('Floor', [g.div('x', six)])));
    },
    feeds: (name, dims) => near(name, dims, 10),
  },
  Identity: on(image, 'Identity'),
  'Cast (to double and back)': {
    inputs: { x: image },
    write: (g) => g.cast(g.mul(g.cast('x', 'float64'), g.scalar(3, 'float64')), 'float32'),
  },
  'Pow (square)': { inputs: { x: image }, write: (g) => g.op('Pow', ['x', g.scalar(2, 'float32')]) },
  'Pow (integer exponent)': { inputs: { x: image }, write: (g) => g.op('Pow', ['x', g.scalar(3, 'int64')]) },
  Pow: two('Pow', ['N', 6], ['N', 6], { feeds: positive }),
  Clip: {
    inputs: { x: image },
    write: (g) => g.op('Clip', ['x', g.scalar(-1, 'float32'), g.scalar(2, 'float32')]),
  },
  'Clip (from below)': { inputs: { x: image }, write: (g) => g.op('Clip', ['x', g.scalar(-0.5, 'float32')]) },
  Add: two('Add', image, image),
  'Add (broadcast)': two('Add', image, [4, 1, 1]),
  'Add (same value twice)': { inputs: { x: image }, write: (g) => g.add('x', 'x') },
  Sub: two('Sub', image, ['N', 1, 5, 1]),
  Mul: two('Mul', image, ['N', 4, 1, 1]),
  'Mul (the left one broadcast)': two('Mul', [6], image),
  Div: two('Div', image, [4, 1, 6], { feeds: positive }),
  Sum: { inputs: { a: image, b: [6], c: image }, write: (g) => g.op('Sum', ['a', 'b', 'c']) },
  Mean: { inputs: { a: image, b: [6], c: image }, write: (g) => g.op('Mean', ['a', 'b', 'c']) },
  'Max (two)': two('Max', image, ['N', 1, 5, 6]),
  Max: {
    inputs: { a: ['N', 8], b: ['N', 8], c: ['N', 8] },
    write: (g) => g.op('Max', ['a', 'b', 'c']),
    // Offsets keep operands apart.
    feeds: (name, dims) => {
      const x = spaced(dims, name.charCodeAt(0), 0.3);
      (x.data as Float32Array).forEach((v, i, all) => (all[i] = v + name.charCodeAt(0) * 0.1));
      return x;
    },
  },
  Min: two('Min', image, image),
  Where: {
    inputs: { a: image, b: [4, 1, 6] },
    write: (g) => g.where(g.op('Greater', ['a', g.scalar(0, 'float32')]), g.mul('a', 'b'), 'b'),
  },
  // x² sign(x), as LpPool and others are written out.
  'Mul (with a sign, which counts as constant)': {
    inputs: { a: image },
    write: (g) => g.mul(g.op('Sign', ['a']), g.mul('a', 'a')),
  },
  'Pow (exponents of which the first is 2)': {
    inputs: { x: ['N', 4] },
    write: (g) => g.op('Pow', ['x', g.filled('float32', [4], [2, 3, 0.5, 1.5])]),
    feeds: positive,
  },
  'Pow (the base broadcast)': two('Pow', [6], ['N', 6], { feeds: positive }),
  'Pow (the exponent broadcast)': two('Pow', ['N', 6], [6], { feeds: positive }),
  'Clip (from above)': {
    inputs: { x: image },
    write: (g) => g.op('Clip', ['x', '', g.scalar(0.5, 'float32')]),
  },
});
