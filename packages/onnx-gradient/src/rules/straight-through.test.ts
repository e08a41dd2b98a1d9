import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { cotangentOf, gradientOf, withGradients } from '../gradient.js';
import { graphOf, openSession } from '../gradient.test-support.js';
import type { Builder } from '../graph/builder.js';
import { steppedOperators } from '../reached.js';

const x = [-2.6, -0.4, 0.2, 0.9, 1.4, 7];

/** d y / d x of y = f(x), element by element. */
async function slopes(write: (g: Builder) => string, opset = 13): Promise<number[]> {
  const graph = graphOf({ x: [6] }, write, opset);
  const session = await openSession(withGradients(graph, { straightThrough: true }));
  const ones = new ort.Tensor('float32', new Float32Array(6).fill(1), [6]);
  const feeds = {
    x: new ort.Tensor('float32', Float32Array.from(x), [6]),
    [cotangentOf(session.outputNames[0])]: ones,
  };
  const found = await session.run(feeds);
  await session.release();
  return Array.from(found[gradientOf('x')].data as Float32Array);
}

const near = (one: number) => expect.closeTo(one, 4) as number;

const pair = (g: Builder, value: string, scale: string, zero: string, attributes = {}) =>
  g.op(
    'DequantizeLinear',
    [g.op('QuantizeLinear', [value, scale, zero], attributes), scale, zero],
    attributes,
  );

describe('a gradient straight through', () => {
  it.each(['Round', 'Floor', 'Ceil', 'Sign'])('%s is that of the identity', async (op) => {
    const three = (g: Builder) =>
      g.mul(g.op(op, [g.mul('x', g.scalar(3, 'float32'))]), g.scalar(2, 'float32'));
    expect(await slopes(three)).toEqual(x.map(() => 6));
  });

  it('leaves the whole part of a remainder alone, whose gradient is exact', async () => {
    const fraction = (g: Builder) => g.sub('x', g.op('Floor', ['x']));
    expect(await slopes(fraction)).toEqual(x.map(() => 1));
    expect(steppedOperators(graphOf({ x: [6] }, fraction, 13))).toEqual([]);
    // What is left of x without its remainder is a step.
    const step = (g: Builder) => g.sub('x', fraction(g));
    expect(steppedOperators(graphOf({ x: [6] }, step, 13))).toEqual(['Floor']);
    expect(await slopes(step)).toEqual(x.map(() => 1));
  });

  it.each([
    ['the last axis', [2, 3], {}],
    ['the last of three', [1, 2, 3], {}],
    ['another one', [1, 2, 3], { axis: 1 }],
  ])('Hardmax along %s is that of softmax', async (_, dims, attributes) => {
    const weighted = (op: string) => (g: Builder) => {
      const picked = g.op(op, [g.op('Reshape', ['x', g.ints(dims)])], attributes);
      return g.op('Reshape', [g.mul(picked, g.filled('float32', [3], [1, -2, 0.5])), g.ints([6])]);
    };
    const soft = await slopes(weighted('Softmax'));
    expect(await slopes(weighted('Hardmax'))).toEqual(
      soft.map((slope) => expect.closeTo(slope, 5) as number),
    );
  });

  it('a quantisation by a scale that follows the input is that of the identity, too', async () => {
    const dynamic = (g: Builder) => {
      const [q, scale, zero] = ['q', 'scale', 'zero'];
      g.node('DynamicQuantizeLinear', ['x'], [q, scale, zero]);
      return g.op('DequantizeLinear', [q, scale, zero]);
    };
    expect(await slopes(dynamic)).toEqual(x.map(() => near(1)));
    const byLargest = (g: Builder) => {
      const largest = g.op('ReduceMax', [g.op('Abs', ['x'])], { keepdims: 0 });
      const scale = g.div(largest, g.scalar(127, 'float32'));
      return pair(g, 'x', scale, g.filled('int8', [], [0]));
    };
    expect(await slopes(byLargest)).toEqual(x.map(() => near(1)));
  });

  it('a quantisation is that of the identity where nothing is cut off', async () => {
    // From −1.28 to 1.27 in steps of 0.01.
    const signed = (g: Builder) => pair(g, 'x', g.scalar(0.01, 'float32'), g.filled('int8', [], [0]));
    expect(await slopes(signed)).toEqual([0, 1, 1, 1, 0, 0].map((one) => expect.closeTo(one, 5) as number));
    // From −0.5 to 2.05.
    const unsigned = (g: Builder) => pair(g, 'x', g.scalar(0.01, 'float32'), g.filled('uint8', [], [50]));
    expect(await slopes(unsigned)).toEqual([0, 1, 1, 1, 1, 0].map((one) => expect.closeTo(one, 5) as number));
  });

  it('a quantisation with a scale for each channel knows each range', async () => {
    const channels = (g: Builder) => {
      const scales = g.filled('float32', [2], [0.01, 0.03]);
      const zeros = g.filled('int8', [2], [0, 0]);
      const image = g.op('Reshape', ['x', g.ints([1, 2, 3])]);
      return g.op('Reshape', [pair(g, image, scales, zeros, { axis: 1 }), g.ints([6])]);
    };
    // ±1.28 for the first three, ±3.84 for the others.
    expect(await slopes(channels)).toEqual([0, 1, 1, 1, 1, 0].map((one) => expect.closeTo(one, 5) as number));
  });

  it('a quantisation cuts off half a step beyond the largest and the smallest integer', async () => {
    // In steps of 1: the limits lie where x / s is the last that is rounded to one of them.
    const limits = (type: 'int8' | 'uint8', scale: number) => (g: Builder) =>
      pair(g, 'x', g.scalar(scale, 'float32'), g.filled(type, [], [0]));
    // x / s: −130, −20, 10, 45, 70, 350.
    expect(await slopes(limits('int8', 0.02))).toEqual([0, 1, 1, 1, 1, 0].map(near));
    // −0.4 / 0.9 is rounded to 0, and −2.6 / 5.3 too.
    expect(await slopes(limits('uint8', 0.9))).toEqual([0, 1, 1, 1, 1, 1].map(near));
    expect(await slopes(limits('uint8', 5.3))).toEqual([1, 1, 1, 1, 1, 1].map(near));
    // 7 / 0.02745 is 255.01, which is rounded to 255; 7 / 0.0274 is 255.47; 7 / 0.02735 is 255.94.
    expect((await slopes(limits('uint8', 0.0274)))[5]).toBeCloseTo(1, 5);
    expect((await slopes(limits('uint8', 0.02735)))[5]).toBe(0);
  });

  it.each([
    ['uint16', 7 / 65535.4, 7 / 65535.6, [0, 0, 1, 1, 1, 1]],
    ['int16', 7 / 32767.4, 7 / 32767.6, [1, 1, 1, 1, 1, 1]],
  ] as const)('to %s, too', async (type, inside, beyond, expected) => {
    const to = (scale: number) => (g: Builder) =>
      pair(g, 'x', g.scalar(scale, 'float32'), g.filled(type, [], [0]));
    expect(await slopes(to(inside), 21)).toEqual(expected.map(near));
    expect((await slopes(to(beyond), 21))[5]).toBe(0);
  });

  it.each([
    ['from the end', { axis: -2 }, [1, 2, 3], [0.01, 0.03]],
    ['from the start', { axis: 0 }, [2, 1, 3], [0.01, 0.03]],
    ['of one for all', { axis: 0 }, [1, 6], [0.02]],
  ])('scales along an axis counted %s', async (_, attributes, dims, scales) => {
    const along = (g: Builder) => {
      const zeros = g.filled(
        'int8',
        [scales.length],
        scales.map(() => 0),
      );
      const image = g.op('Reshape', ['x', g.ints(dims)]);
      const steps = pair(g, image, g.filled('float32', [scales.length], scales), zeros, attributes);
      return g.op('Reshape', [steps, g.ints([6])]);
    };
    // ±1.28 for the first three and ±3.84 for the others, or ±2.56 for all.
    expect(await slopes(along)).toEqual([0, 1, 1, 1, 1, 0].map(near));
  });

  it('a quantisation whose scale follows the input is that of the identity', async () => {
    const dynamic = (g: Builder) => {
      g.node('DynamicQuantizeLinear', ['x'], ['q', 'scale', 'zero'], {});
      return g.op('DequantizeLinear', ['q', g.scalar(0.5, 'float32'), 'zero']);
    };
    const scale = (7 + 2.6) / 255;
    expect(await slopes(dynamic)).toEqual(x.map(() => near(0.5 / scale)));
  });

  it('is asked for, and names what it passes through', () => {
    const graph = graphOf({ x: [6] }, (g) => {
      const weight = pair(
        g,
        g.filled('float32', [1], [1]),
        g.scalar(0.1, 'float32'),
        g.filled('int8', [], [0]),
      );
      return g.mul(g.op('Round', ['x']), weight);
    });
    expect(steppedOperators(graph)).toEqual(['Round']);
    expect(() => withGradients(graph)).toThrow(/Round.*is a step, which has no gradient.*straightThrough/);
  });
});
