import { readdirSync, readFileSync } from 'node:fs';
import * as ort from 'onnxruntime-node';
import { expect, it } from 'vitest';
import { cotangentOf, gradientOf, withGradients } from '../gradient.js';
import { expectGradients, graphOf, openSession, random, spaced } from '../gradient.test-support.js';
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
  expect(() => withGradients(graph)).toThrow(
    /the rank of ".*", which is open because .* NoSuchOperator.* or use the tfjs engine if/,
  );
});

it('of Gelu is that of its form, the exact one or the approximate', async () => {
  // The two differ by less than 0.001.
  const at = [-2.5, -1, -0.3, 0.6, 1.7, 2.9];
  const [erf, tanh] = await Promise.all(
    ['none', 'tanh'].map(async (approximate) => {
      const graph = graphOf({ x: [6] }, (g) => g.op('Gelu', ['x'], { approximate }), 20);
      const session = await openSession(withGradients(graph));
      const found = await session.run({
        x: new ort.Tensor('float32', Float32Array.from(at), [6]),
        [cotangentOf(graph.outputs[0].name)]: new ort.Tensor('float32', new Float32Array(6).fill(1), [6]),
      });
      return [...(found[gradientOf('x')].data as Float32Array)];
    }),
  );
  const near = (slopes: number[]) => slopes.map((slope) => expect.closeTo(slope, 5) as number);
  const density = (x: number) => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
  expect(erf).toEqual(near(at.map((x) => 0.5 + area(x) + x * density(x))));
  const inner = (x: number) => Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3);
  const approximated = (x: number) => 0.5 * x * (1 + Math.tanh(inner(x)));
  expect(tanh).toEqual(near(at.map((x) => (approximated(x + 1e-5) - approximated(x - 1e-5)) / 2e-5)));

  /** ∫ of the normal density from 0 to x, by the rule of the middle. */
  function area(x: number): number {
    const steps = 10_000;
    let sum = 0;
    for (let i = 0; i < steps; i++) sum += density(((i + 0.5) * x) / steps);
    return (sum * x) / steps;
  }
});

it('every operator with a rule is compared with differences', () => {
  const folder = new URL('differences/', import.meta.url);
  const files = readdirSync(folder).filter((name) => name.endsWith('.test.ts'));
  const cases = files.map((name) => readFileSync(new URL(name, folder), 'utf8')).join('');
  const tested = new Set([...cases.matchAll(/^ {2}'?([A-Z]\w+)/gm)].map(([, op]) => op));
  expect(Object.keys(rules).filter((op) => !tested.has(op))).toEqual([]);
});
