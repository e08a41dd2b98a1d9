import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { withGradients } from '../gradient.js';
import { expectGradients, graphOf, random, spaced } from '../gradient.test-support.js';
import type { Builder } from '../graph/builder.js';
import { rules } from './index.js';

it.each<[string, (g: Builder) => string]>([
  ['RandomNormalLike', (g) => g.op('RandomNormalLike', ['x'])],
  ['RandomUniformLike', (g) => g.op('RandomUniformLike', ['x'])],
  ['Bernoulli', (g) => g.op('Bernoulli', [g.op('Sigmoid', ['x'])])],
  [
    'OneHot of ArgMax',
    (g) => {
      const best = g.op('ArgMax', ['x'], { axis: 1, keepdims: 0 });
      return g.op('OneHot', [best, g.scalar(6, 'int64'), g.filled('float32', [2], [0, 1])]);
    },
  ],
])('through what %s draws or picks is none, and beside it the right one', async (_, write) => {
  // What is drawn is taken in without an influence on the numbers.
  const graph = graphOf({ x: [2, 6] }, (g) =>
    g.add(g.mul('x', 'x'), g.mul(write(g), g.scalar(0, 'float32'))),
  );
  await expectGradients(graph, { x: spaced([2, 6], 7, 0.05) });
});

it('of a product with zeros among its factors is finite and right', async () => {
  const feeds = (_name: string, dims: number[]) => {
    const x = spaced(dims, 4, 0.3);
    (x.data as Float32Array).forEach((_v, i, all) => (all[i] = i === 1 || i === 8 || i === 9 ? 0 : all[i]));
    return { x };
  };
  const graph = graphOf({ x: [3, 5] }, (g) => g.op('ReduceProd', ['x', g.ints([1])]));
  await expectGradients(graph, feeds('x', [3, 5]));
});

it('of a power of zero by its exponent is 0', async () => {
  const graph = graphOf({ p: [4] }, (g) => g.op('Pow', [g.filled('float32', [4], [0, 2, 0.5, 0]), 'p']));
  const p = random([4], 3);
  (p.data as Float32Array).forEach((value, i, all) => (all[i] = 1.5 + value));
  await expectGradients(graph, { p });
});

it('of an attention whose rows may all be masked is 0 there, not NaN', async () => {
  const graph = graphOf({ x: [2, 3] }, (g) => {
    const soft = g.op('Softmax', [g.add('x', g.filled('float32', [2, 1], [0, -Infinity]))]);
    return g.where(g.op('IsNaN', [soft]), g.scalar(0, 'float32'), soft);
  });
  await expectGradients(graph, { x: random([2, 3], 4) });
});

it('that needs a rank names the first operator whose sizes are not known', () => {
  const graph = graphOf({ x: [2, 6] }, (g) =>
    g.op('Softmax', [g.mul(g.op('Tanh', [g.op('NoSuchOperator', ['x'])]), g.scalar(2, 'float32'))]),
  );
  expect(() => withGradients(graph)).toThrow(/the rank of ".*", which is open because .* NoSuchOperator/);
});

it('every operator with a rule is compared with differences', () => {
  const folder = new URL('differences/', import.meta.url);
  const files = readdirSync(folder).filter((name) => name.endsWith('.test.ts'));
  const cases = files.map((name) => readFileSync(new URL(name, folder), 'utf8')).join('');
  const tested = new Set([...cases.matchAll(/^ {2}'?([A-Z]\w+)/gm)].map(([, op]) => op));
  expect(Object.keys(rules).filter((op) => !tested.has(op))).toEqual([]);
});
