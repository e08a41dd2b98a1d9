import { Stream } from '@gauntlet/api';
import { openEngine } from '@gauntlet/core';
import {
  Builder,
  cotangentOf,
  gradientOf,
  parseModel,
  serializeModel,
  withGradients,
} from '@gauntlet/onnx-gradient';
import * as tf from '@tensorflow/tfjs-core';
import * as ort from 'onnxruntime-node';
import { beforeAll, describe, expect, it } from 'vitest';

// Whole blocks of networks, written twice: as an ONNX graph, channels first, and in TensorFlow.js, channels last.

type Shape = number[];
type Write = (g: Builder, x: string, weight: (name: string, dims: Shape) => string) => string;
type Run = (x: tf.Tensor, weight: (name: string, dims: Shape) => tf.Tensor) => tf.Tensor;

const values = (name: string, dims: Shape) => {
  const stream = new Stream('network', name, ...dims);
  const fan = Math.max(
    1,
    dims.slice(1).reduce((a, b) => a * b, 1),
  );
  return Float32Array.from(
    { length: dims.reduce((a, b) => a * b, 1) },
    () => stream.normal() / Math.sqrt(fan),
  );
};
const positive = (name: string, dims: Shape) => values(name, dims).map((value) => 0.5 + Math.abs(value));

/** Gradients of Σ cotangent · output for a batch, by both. */
async function compare(shape: Shape, write: Write, run: Run): Promise<void> {
  const n = 2;
  const g = new Builder(['x']);
  const weight = (name: string, dims: Shape) => g.filled('float32', dims, weightOf(name, dims));
  const output = write(g, 'x', weight);
  const none = new Map();
  const graph = parseModel(
    serializeModel({
      opset: 20,
      domains: none,
      inputs: [{ name: 'x', type: 'float32', dims: ['n', ...shape] }],
      outputs: [{ name: output, type: 'float32' }],
      nodes: g.nodes,
      constants: g.constants,
      stated: none,
    }),
  );
  const session = await ort.InferenceSession.create(serializeModel(withGradients(graph)), {
    logSeverityLevel: 4,
  });
  const x = values('x', [n, ...shape]);
  const tensor = (t: tf.Tensor) => run(t, (name, dims) => tf.tensor(weightOf(name, dims), dims));
  const plain = tensor(tf.tensor(x, [n, ...shape]));
  const cotangent = values('cotangent', plain.shape);
  const found = await session.run({
    x: new ort.Tensor('float32', x, [n, ...shape]),
    [cotangentOf(output)]: new ort.Tensor('float32', cotangent, plain.shape),
  });
  const expected = await tf
    .grad((t) => tf.sum(tf.mul(tensor(t), tf.tensor(cotangent, plain.shape))))(tf.tensor(x, [n, ...shape]))
    .data();
  expect(apart(found[output].data as Float32Array, (await plain.data()) as Float32Array)).toBeLessThan(1e-4);
  expect(apart(found[gradientOf('x')].data as Float32Array, expected as Float32Array)).toBeLessThan(1e-4);
}

const weightOf = (name: string, dims: Shape) =>
  /scale|variance/.test(name) ? positive(name, dims) : values(name, dims);
const apart = (a: Float32Array, b: Float32Array) =>
  Math.max(...a.map((value, i) => Math.abs(value - b[i]))) / Math.max(...b.map(Math.abs));

const last = (x: tf.Tensor) => tf.transpose(x, [0, 2, 3, 1]) as tf.Tensor4D;
const first = (x: tf.Tensor) => tf.transpose(x, [0, 3, 1, 2]);
/** [out, in, h, w] → [h, w, in, out] */
const filter = (w: tf.Tensor) => tf.transpose(w, [2, 3, 1, 0]) as tf.Tensor4D;
const channel = (w: tf.Tensor) => tf.reshape(w, [1, -1, 1, 1]);

const norm = (
  g: Builder,
  x: string,
  name: string,
  c: number,
  weight: (name: string, dims: Shape) => string,
) =>
  g.op('BatchNormalization', [
    x,
    ...['scale', 'bias', 'mean', 'variance'].map((part) => weight(`${name} ${part}`, [c])),
  ]);
const normRun = (x: tf.Tensor, name: string, c: number, weight: (name: string, dims: Shape) => tf.Tensor) => {
  const [scale, bias, mean, variance] = ['scale', 'bias', 'mean', 'variance'].map((part) =>
    channel(weight(`${name} ${part}`, [c])),
  );
  return tf.add(tf.mul(tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, 1e-5))), scale), bias);
};
const convRun = (x: tf.Tensor, w: tf.Tensor, stride = 1) => {
  const pad = (w.shape[2]! - 1) / 2;
  return first(tf.conv2d(last(x), filter(w), stride, pad, 'NHWC', 1, 'floor'));
};

describe('gradients of whole blocks agree with TensorFlow.js', () => {
  beforeAll(async () => {
    await openEngine('tfjs:cpu');
  });

  it('a residual block that halves the image (He et al. 2016)', () =>
    compare(
      [4, 8, 8],
      (g, x, weight) => {
        const conv = (input: string, name: string, dims: Shape, stride: number) => {
          const pad = (dims[2] - 1) / 2;
          return norm(
            g,
            g.op('Conv', [input, weight(name, dims)], {
              strides: [stride, stride],
              pads: [pad, pad, pad, pad],
            }),
            name,
            dims[0],
            weight,
          );
        };
        const inner = conv(g.op('Relu', [conv(x, 'a', [6, 4, 3, 3], 2)]), 'b', [6, 6, 3, 3], 1);
        return g.op('Relu', [g.add(inner, conv(x, 'skip', [6, 4, 1, 1], 2))]);
      },
      (x, weight) => {
        const conv = (input: tf.Tensor, name: string, dims: Shape, stride: number) =>
          normRun(convRun(input, weight(name, dims), stride), name, dims[0], weight);
        const inner = conv(tf.relu(conv(x, 'a', [6, 4, 3, 3], 2)), 'b', [6, 6, 3, 3], 1);
        return tf.relu(tf.add(inner, conv(x, 'skip', [6, 4, 1, 1], 2)));
      },
    ));

  it('an inverted residual block with squeeze and excitation (Howard et al. 2019)', () =>
    compare(
      [4, 6, 6],
      (g, x, weight) => {
        const wide = g.op('HardSwish', [
          norm(g, g.op('Conv', [x, weight('expand', [12, 4, 1, 1])]), 'e', 12, weight),
        ]);
        const deep = norm(
          g,
          g.op('Conv', [wide, weight('depthwise', [12, 1, 3, 3])], { group: 12, pads: [1, 1, 1, 1] }),
          'd',
          12,
          weight,
        );
        const squeezed = g.op('Relu', [
          g.op('Conv', [g.op('GlobalAveragePool', [deep]), weight('squeeze', [3, 12, 1, 1])]),
        ]);
        const excited = g.op('HardSigmoid', [g.op('Conv', [squeezed, weight('excite', [12, 3, 1, 1])])]);
        return g.add(x, g.op('Conv', [g.mul(deep, excited), weight('project', [4, 12, 1, 1])]));
      },
      (x, weight) => {
        const hardSwish = (t: tf.Tensor) => tf.mul(t, tf.div(tf.relu6(tf.add(t, 3)), 6));
        const wide = hardSwish(normRun(convRun(x, weight('expand', [12, 4, 1, 1])), 'e', 12, weight));
        const depth = tf.transpose(weight('depthwise', [12, 1, 3, 3]), [2, 3, 0, 1]) as tf.Tensor4D;
        const deep = normRun(first(tf.depthwiseConv2d(last(wide), depth, 1, 'same')), 'd', 12, weight);
        const squeezed = tf.relu(convRun(tf.mean(deep, [2, 3], true), weight('squeeze', [3, 12, 1, 1])));
        const excite = convRun(squeezed, weight('excite', [12, 3, 1, 1]));
        const excited = tf.clipByValue(tf.add(tf.mul(excite, 0.2), 0.5), 0, 1);
        return tf.add(x, convRun(tf.mul(deep, excited), weight('project', [4, 12, 1, 1])));
      },
    ));

  it('a transformer block on patches, up to the class token (Dosovitskiy et al. 2021)', () => {
    const [tokens, width, heads] = [5, 8, 2];
    const part = width / heads;
    return compare(
      [tokens, width],
      (g, x, weight) => {
        const layerNorm = (input: string, name: string) =>
          g.op('LayerNormalization', [
            input,
            weight(`${name} scale`, [width]),
            weight(`${name} bias`, [width]),
          ]);
        const linear = (input: string, name: string, from: number, to: number) =>
          g.add(g.op('MatMul', [input, weight(name, [from, to])]), weight(`${name} bias`, [to]));
        g.node('Split', [linear(layerNorm(x, 'one'), 'qkv', width, 3 * width)], ['q', 'k', 'v'], {
          axis: 2,
          num_outputs: 3,
        });
        const split = (name: string, perm: number[]) =>
          g.transpose(g.op('Reshape', [name, g.ints([0, tokens, heads, part])]), perm);
        const scores = g.div(
          g.op('MatMul', [split('q', [0, 2, 1, 3]), split('k', [0, 2, 3, 1])]),
          g.scalar(Math.sqrt(part), 'float32'),
        );
        const mixed = g.op('MatMul', [g.op('Softmax', [scores], { axis: -1 }), split('v', [0, 2, 1, 3])]);
        const joined = g.op('Reshape', [g.transpose(mixed, [0, 2, 1, 3]), g.ints([0, tokens, width])]);
        const attended = g.add(x, linear(joined, 'out', width, width));
        const hidden = g.op('Gelu', [linear(layerNorm(attended, 'two'), 'up', width, 2 * width)]);
        const whole = g.add(attended, linear(hidden, 'down', 2 * width, width));
        return g.op('Gather', [whole, g.scalar(0, 'int64')], { axis: 1 });
      },
      (x, weight) => {
        const layerNorm = (t: tf.Tensor, name: string) => {
          const { mean, variance } = tf.moments(t, -1, true);
          const normal = tf.div(tf.sub(t, mean), tf.sqrt(tf.add(variance, 1e-5)));
          return tf.add(tf.mul(normal, weight(`${name} scale`, [width])), weight(`${name} bias`, [width]));
        };
        const linear = (t: tf.Tensor, name: string, from: number, to: number) => {
          const rows = tf.matMul(tf.reshape(t, [-1, from]), weight(name, [from, to]) as tf.Tensor2D);
          return tf.add(tf.reshape(rows, [...t.shape.slice(0, -1), to]), weight(`${name} bias`, [to]));
        };
        const [q, k, v] = tf.split(linear(layerNorm(x, 'one'), 'qkv', width, 3 * width), 3, 2);
        const split = (t: tf.Tensor, perm: number[]) =>
          tf.transpose(tf.reshape(t, [-1, tokens, heads, part]), perm);
        const scores = tf.div(tf.matMul(split(q, [0, 2, 1, 3]), split(k, [0, 2, 3, 1])), Math.sqrt(part));
        const mixed = tf.matMul(tf.softmax(scores), split(v, [0, 2, 1, 3]));
        const joined = tf.reshape(tf.transpose(mixed, [0, 2, 1, 3]), [-1, tokens, width]);
        const attended = tf.add(x, linear(joined, 'out', width, width));
        const up = linear(layerNorm(attended, 'two'), 'up', width, 2 * width);
        const hidden = tf.mul(up, tf.mul(0.5, tf.add(1, tf.erf(tf.mul(up, Math.SQRT1_2)))));
        const whole = tf.add(attended, linear(hidden, 'down', 2 * width, width));
        return tf.reshape(tf.slice(whole, [0, 0, 0], [-1, 1, -1]), [-1, width]);
      },
    );
  });
});
