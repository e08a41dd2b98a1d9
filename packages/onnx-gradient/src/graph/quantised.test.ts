// Operators on whole numbers: the graph of the gradient computes what ONNX Runtime computes, and its gradient is that of the real numbers.
import { expect, it } from 'vitest';
import { graphOf, openSession, random, relativeError } from '../gradient.test-support.js';
import { cotangentOf, gradientOf, withGradients } from '../gradient.js';
import { Attributes, type AttributeInput } from '../model/attributes.js';
import { constantFrom } from '../model/constant.js';
import type { Graph } from '../model/graph.js';
import { steppedOperators } from '../reached.js';
import type { Builder } from './builder.js';

const scalar = (g: Builder, value: number) => g.scalar(value, 'float32');
const zero = (g: Builder, type: 'uint8' | 'int8', value: number) =>
  g.constant(constantFrom(type, [], [value]));
const levels = (count: number, seed: number) =>
  Array.from(random([count], seed).data as Float32Array, (value) => Math.round(value * 100));
const weights = (g: Builder, dims: number[], seed: number) =>
  g.constant(
    constantFrom(
      'int8',
      dims,
      levels(
        dims.reduce((a, b) => a * b, 1),
        seed,
      ),
    ),
  );
/** The same weights as real numbers. */
const realWeights = (g: Builder, dims: number[], seed: number, scale: (i: number) => number) => {
  const values = levels(
    dims.reduce((a, b) => a * b, 1),
    seed,
  );
  return g.filled(
    'float32',
    dims,
    values.map((value, i) => value * scale(i)),
  );
};

function op(
  g: Builder,
  name: string,
  inputs: string[],
  attributes: Record<string, AttributeInput> = {},
  domain = '',
): string {
  const made = g.fresh(name);
  g.nodes.push({ op: name, name, domain, inputs, outputs: [made], attributes: Attributes.of(attributes) });
  return made;
}

const [inScale, inZero, weightScale, outScale, outZero] = [0.01, 120, 0.02, 0.15, 100];
const quantized = (g: Builder) => g.op('QuantizeLinear', ['x', scalar(g, inScale), zero(g, 'uint8', inZero)]);
const given = (g: Builder) => [quantized(g), scalar(g, inScale), zero(g, 'uint8', inZero)];
const made = (g: Builder) => [scalar(g, outScale), zero(g, 'uint8', outZero)];
const back = (g: Builder, q: string) => g.op('DequantizeLinear', [q, ...made(g)]);
const whole = (g: Builder, values: number[]) => g.constant(constantFrom('int32', [values.length], values));

interface Case {
  dims: number[];
  whole: (g: Builder) => string;
  real: (g: Builder) => string;
}
const channelScales = [0.02, 0.01, 0.03];

const cases: Record<string, Case> = {
  QLinearConv: {
    dims: [1, 2, 4, 4],
    whole: (g) => {
      const weight = [weights(g, [3, 2, 3, 3], 1), scalar(g, weightScale), zero(g, 'int8', 0)];
      return back(
        g,
        op(g, 'QLinearConv', [...given(g), ...weight, ...made(g), whole(g, [900, -700, 0])], {
          pads: [1, 1, 1, 1],
        }),
      );
    },
    real: (g) =>
      g.op('Conv', ['x', realWeights(g, [3, 2, 3, 3], 1, () => weightScale)], { pads: [1, 1, 1, 1] }),
  },
  'QLinearConv, a scale for each channel': {
    dims: [1, 2, 4, 4],
    whole: (g) => {
      const zeros = g.constant(constantFrom('int8', [3], [0, 0, 0]));
      const weight = [weights(g, [3, 2, 2, 2], 2), g.filled('float32', [3], channelScales), zeros];
      return back(g, op(g, 'QLinearConv', [...given(g), ...weight, ...made(g)], { strides: [2, 2] }));
    },
    real: (g) =>
      g.op('Conv', ['x', realWeights(g, [3, 2, 2, 2], 2, (i) => channelScales[Math.floor(i / 8)])], {
        strides: [2, 2],
      }),
  },
  QLinearMatMul: {
    dims: [3, 5],
    whole: (g) => {
      const weight = [weights(g, [5, 4], 3), scalar(g, weightScale), zero(g, 'int8', 3)];
      return back(g, op(g, 'QLinearMatMul', [...given(g), ...weight, ...made(g)]));
    },
    real: (g) => {
      const three = g.filled('float32', [5, 4], Array<number>(20).fill(3 * weightScale));
      return g.op('MatMul', [
        'x',
        g.sub(
          realWeights(g, [5, 4], 3, () => weightScale),
          three,
        ),
      ]);
    },
  },
  QGemm: {
    dims: [3, 5],
    whole: (g) => {
      const weight = [weights(g, [4, 5], 4), scalar(g, weightScale), zero(g, 'int8', 0)];
      const inputs = [...given(g), ...weight, whole(g, [500, 0, -500, 90]), ...made(g)];
      return back(g, op(g, 'QGemm', inputs, { transB: 1 }, 'com.microsoft'));
    },
    real: (g) => g.op('Gemm', ['x', realWeights(g, [4, 5], 4, () => weightScale)], { transB: 1 }),
  },
  QLinearAdd: {
    dims: [3, 5],
    whole: (g) => back(g, op(g, 'QLinearAdd', [...given(g), ...given(g), ...made(g)], {}, 'com.microsoft')),
    real: (g) => g.op('Add', ['x', 'x']),
  },
  'DynamicQuantizeLinear, ConvInteger': {
    dims: [1, 2, 4, 4],
    whole: (g) => {
      const [q, scale, point] = ['q', 'scale', 'point'];
      g.node('DynamicQuantizeLinear', ['x'], [q, scale, point]);
      const sums = op(g, 'ConvInteger', [q, weights(g, [3, 2, 3, 3], 5), point, zero(g, 'int8', 0)]);
      return g.mul(g.op('Cast', [sums], { to: 1 }), g.mul(scale, scalar(g, weightScale)));
    },
    real: (g) => g.op('Conv', ['x', realWeights(g, [3, 2, 3, 3], 5, () => weightScale)]),
  },
  'DynamicQuantizeLinear, MatMulInteger': {
    dims: [3, 5],
    whole: (g) => {
      g.node('DynamicQuantizeLinear', ['x'], ['q', 'scale', 'point']);
      const sums = op(g, 'MatMulInteger', ['q', weights(g, [5, 4], 6), 'point']);
      return g.mul(g.op('Cast', [sums], { to: 1 }), g.mul('scale', scalar(g, weightScale)));
    },
    real: (g) => g.op('MatMul', ['x', realWeights(g, [5, 4], 6, () => weightScale)]),
  },
};

it.each(Object.entries(cases))('%s', async (_, { dims, whole: ofWhole, real }) => {
  const graph: Graph = { ...graphOf({ x: dims }, ofWhole), domains: new Map([['com.microsoft', 1]]) };
  const x = random(dims, 9, 0.9);
  const run = async (of: Graph, feeds = {}) => (await openSession(of)).run({ x, ...feeds });
  const [{ name }] = graph.outputs;
  const { [name]: y } = await run(graph);
  const cotangent = random(y.dims, 11);
  const found = await run(withGradients(graph, { straightThrough: true }), {
    [cotangentOf(name)]: cotangent,
  });
  expect(relativeError(found[name].data as Float32Array, y.data as Float32Array)).toBeLessThan(1e-6);
  const inReal = graphOf({ x: dims }, real);
  const expected = await run(withGradients(inReal), { [cotangentOf(inReal.outputs[0].name)]: cotangent });
  const [gradient, reference] = [found, expected].map((each) => each[gradientOf('x')].data as Float32Array);
  expect(relativeError(gradient, reference)).toBeLessThan(1e-5);

  expect(steppedOperators(graph).length).toBeGreaterThan(0);
  expect(() => withGradients(graph)).toThrow(/is a step, which has no gradient/);
});
