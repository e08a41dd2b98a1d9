import * as tf from '@tensorflow/tfjs-core';
import * as ort from 'onnxruntime-node';
import { beforeAll, describe, expect, it } from 'vitest';
import { openEngine } from '@gauntlet/core';
import { Builder, serializeModel } from '@gauntlet/onnx-gradient';
import { float, graphOf } from '../../graph.js';
import { normalTensor, streamsFor, viewOf } from '../../views.test-support.js';
import { type Critic, fastCritic, paperCritic, positionsCritic } from '../critics.js';
import { featureMaps, positions, randomProjections } from '../sampling.js';

beforeAll(async () => {
  await openEngine('tfjs:wasm');
});

const turned = (tensor: tf.Tensor) => tf.transpose(tensor, [0, 2, 1]);

const shape: [number, number, number, number] = [2, 3, 4, 5];

/** What nodes that are written give for these inputs. */
async function written(
  inputs: Record<string, tf.Tensor>,
  write: (g: Builder) => string,
  dims: readonly number[],
) {
  const g = new Builder(Object.keys(inputs));
  g.node('Identity', [write(g)], ['result']);
  const given = Object.entries(inputs).map(([name, { shape: sizes }]) =>
    float(name, ['n', ...sizes.slice(1)]),
  );
  const session = await ort.InferenceSession.create(
    serializeModel(graphOf(g, given, [float('result', ['n', ...dims.slice(1)])])),
  );
  const feeds = Object.entries(inputs).map(async ([name, tensor]) => [
    name,
    new ort.Tensor('float32', await tensor.data<'float32'>(), tensor.shape),
  ]);
  const { result } = await session.run(
    Object.fromEntries(await Promise.all(feeds)) as ort.InferenceSession.FeedsType,
  );
  expect(result.dims).toEqual(dims);
  return result.data as Float32Array;
}

async function expectSame(found: Float32Array, expected: tf.Tensor, tolerance = 1e-4) {
  const values = await expected.data();
  const worst = found.reduce((most, value, i) => Math.max(most, Math.abs(value - values[i])), 0);
  expect(worst).toBeLessThan(tolerance);
  expect(values.some((value) => Math.abs(value) > 0.1)).toBe(true);
}

describe('graphs of samples give what TensorFlow.js gives', () => {
  const view = () => ({ ...viewOf(normalTensor('view', shape)), x: normalTensor('image', shape) });

  it.each([
    ['maps', featureMaps],
    ['positions', positions],
    ['projections', randomProjections],
  ] as const)('%s', async (kind, make) => {
    const sampling = make(view(), streamsFor(2));
    const { written: graph } = sampling;
    expect([graph.kind, graph.part]).toEqual([kind, shape.slice(1)]);
    const parts = [normalTensor('part', shape), tf.zeros(shape) as tf.Tensor4D, view().x];
    for (const part of parts.slice(0, kind === 'projections' ? 3 : 1)) {
      const rows = sampling.v(part);
      const expected = graph.columns ? turned(rows) : rows;
      const found = await written({ part, ...graph.state() }, (g) => graph.v(g, 'part'), expected.shape);
      // The sine of an image beside itself is what rounding leaves of 0.
      await expectSame(found, expected, part === parts[2] ? 0.01 : 1e-4);
    }
    sampling.dispose();
  });
});

describe('graphs of networks give what TensorFlow.js gives', () => {
  const networks: [string, string, () => Critic][] = [
    ['paper, of maps', 'paper, maps', () => paperCritic(12, [3, 4], streamsFor(2))],
    ['paper, of other samples', 'paper', () => paperCritic(12, undefined, streamsFor(2))],
    ['fast', 'collapsed', () => fastCritic(12, [3, 4], streamsFor(2))],
    ['positions', 'collapsed', () => positionsCritic(12, undefined, streamsFor(2))],
  ];

  it.each(networks)('%s', async (_, kind, make) => {
    const critic = make();
    expect(critic.written.kind).toBe(kind);
    const x = tf.reshape(normalTensor('samples', [2, 1, 3, 12]), [2, 3, 12]) as tf.Tensor3D;
    const theta = critic.parameters.map((parameter, i) => {
      const [n, rows, columns] = parameter.shape as [number, number, number];
      return tf.mul(tf.reshape(normalTensor(`theta ${i}`, [n, 1, rows, columns]), parameter.shape), 0.1);
    });
    const names = theta.map((_, i) => `theta${i}`);
    const held = theta.map((tensor, i) => (critic.written.turned.includes(i) ? turned(tensor) : tensor));
    const inputs = { x: turned(x), ...Object.fromEntries(held.map((tensor, i) => [names[i], tensor])) };
    for (const side of ['left', 'right'] as const) {
      const expected = critic[side](x, theta);
      const found = await written(inputs, (g) => critic.written[side](g, 'x', names), expected.shape);
      await expectSame(found, expected);
    }
  });
});
