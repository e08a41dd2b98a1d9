import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { cotangentOf, gradientOf, withGradients } from '../gradient.js';
import { graphOf, openSession } from '../gradient.test-support.js';
import type { Builder } from '../graph/builder.js';
import { steppedOperators } from '../reached.js';

const x = [-2.6, -0.4, 0.2, 0.9, 1.4, 7];

/** d y / d x of y = f(x), element by element. */
async function slopes(write: (g: Builder) => string): Promise<number[]> {
  const session = await openSession(withGradients(graphOf({ x: [6] }, write, 13), { straightThrough: true }));
  const ones = new ort.Tensor('float32', new Float32Array(6).fill(1), [6]);
  const feeds = {
    x: new ort.Tensor('float32', Float32Array.from(x), [6]),
    [cotangentOf(session.outputNames[0])]: ones,
  };
  const found = await session.run(feeds);
  await session.release();
  return Array.from(found[gradientOf('x')].data as Float32Array);
}

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

  it('Hardmax is that of softmax', async () => {
    const weighted = (op: string) => (g: Builder) =>
      g.op('Reshape', [
        g.mul(g.op(op, [g.op('Reshape', ['x', g.ints([2, 3])])]), g.filled('float32', [3], [1, -2, 0.5])),
        g.ints([6]),
      ]);
    const soft = await slopes(weighted('Softmax'));
    expect(await slopes(weighted('Hardmax'))).toEqual(
      soft.map((slope) => expect.closeTo(slope, 5) as number),
    );
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
