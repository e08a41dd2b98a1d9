import * as ort from 'onnxruntime-node';
import { expect, it } from 'vitest';
import { splitGradients, withGradients } from '../gradient.js';
import { graphOf } from '../gradient.test-support.js';
import { serializeModel } from '../model/write.js';

const attributes = { kernel_shape: [2, 2], strides: [2, 2] };
const dims = [3, 2, 6, 8];

/** Few different values, so that most windows have several maxima. */
const x = new ort.Tensor(
  'float32',
  Float32Array.from({ length: 288 }, (_, i) => Math.round(2 * Math.sin(i * i))),
  dims,
);
const dy = new ort.Tensor(
  'float32',
  Float32Array.from({ length: 72 }, (_, i) => i + 1),
  [3, 2, 3, 4],
);
const graph = graphOf({ x: ['N', 2, 6, 8] }, (g) => g.op('MaxPool', ['x'], attributes));

/** What ONNX Runtime says of the positions, the gradient put there by hand. */
async function expected(): Promise<Float32Array> {
  const located = graphOf({ x: ['N', 2, 6, 8] }, (g) => {
    g.node('MaxPool', ['x'], ['pooled', 'positions'], attributes);
    return [g.op('Identity', ['pooled']), g.cast('positions', 'float32')];
  });
  const session = await ort.InferenceSession.create(serializeModel(located));
  const results = await session.run({ x });
  const positions = results[session.outputNames[1]].data as Float32Array;
  const gradient = new Float32Array(288);
  positions.forEach((at, i) => (gradient[at] += (dy.data as Float32Array)[i]));
  return gradient;
}

it('the gradient of a pool over 2×2 goes to the maximum that the pool itself names, the first of equal ones', async () => {
  const model = withGradients(graph);
  expect(model.nodes.filter(({ op, outputs }) => op === 'MaxPool' && outputs.length > 1)).toEqual([]);
  const session = await ort.InferenceSession.create(serializeModel(model));
  const [y] = graph.outputs;
  const results = await session.run({ x, [`cotangent:${y.name}`]: dy });
  expect(results['gradient:x'].data).toEqual(await expected());
});

it('and so in two graphs, of which the first hands over positions and not the image', async () => {
  const { forward, backward, saved } = splitGradients(graph);
  const [y] = graph.outputs;
  expect(saved).not.toContain('x');
  const [first, second] = await Promise.all(
    [forward, backward].map((one) => ort.InferenceSession.create(serializeModel(one))),
  );
  const given = await first.run({ x });
  const feeds = Object.fromEntries(saved.map((name) => [name, given[name]]));
  const results = await second.run({ ...feeds, [`cotangent:${y.name}`]: dy });
  expect(results['gradient:x'].data).toEqual(await expected());
});
