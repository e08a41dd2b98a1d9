import * as tf from '@tensorflow/tfjs-core';
import * as ort from 'onnxruntime-node';
import { beforeAll, describe, expect, it } from 'vitest';
import type { FeatureBlock } from '@gauntlet/api';
import { openEngine } from '@gauntlet/core';
import { normalTensor, streamsFor, viewOf } from '../views.test-support.js';
import { gaussian } from './estimator.js';
import { gaussianEstimate, prepareClean } from './gaussian.js';
import { gaussianEstimator } from './plugin.js';

beforeAll(async () => {
  await openEngine('tfjs:wasm');
});

const shape: [number, number, number, number] = [3, 3, 5, 2];
const size = 30;

/** Runs graphs, and counts those that it has compiled. */
function runner() {
  const run = async (model: Uint8Array) => {
    run.compiled++;
    return ort.InferenceSession.create(model);
  };
  run.compiled = 0;
  return run;
}

function pairs() {
  const clean = normalTensor('clean', shape);
  return { clean, perturbed: tf.add(clean, tf.mul(normalTensor('noise', shape), 0.5)) as tf.Tensor4D };
}

/** Of each image by itself, on the host. */
function expected(clean: tf.Tensor, perturbed: tf.Tensor) {
  const [x, y] = [clean.dataSync<'float32'>(), perturbed.dataSync<'float32'>()];
  return Array.from({ length: x.length / size }, (_, i) => {
    const gradient = new Float32Array(size);
    const side = prepareClean(x.slice(i * size, (i + 1) * size), 15, 2);
    const value = gaussianEstimate(side, y.slice(i * size, (i + 1) * size), 15, 2, gradient);
    return { value, gradient: [...gradient] };
  });
}

const near = (values: readonly number[]) => values.map((value) => expect.closeTo(value, 4) as number);

describe.each([
  ['of TensorFlow.js', undefined],
  ['compiled', runner()],
])('a session of the Gaussian estimate, %s', (_, graphs) => {
  it('has the estimate and the gradient of each image, of those that are left too', async () => {
    const { clean, perturbed } = pairs();
    const all = expected(clean, perturbed);
    const session = await gaussian.open(viewOf(clean), streamsFor(3), graphs);
    for (const rows of [[0, 1, 2], [2, 0], [1]]) {
      // What is left of what was left before.
      if (rows.length === 2) session.keep(rows);
      if (rows.length === 1) session.keep([1]);
      const left = rows.length === 1 ? [0] : rows;
      const view = viewOf(tf.gather(perturbed, left) as tf.Tensor4D);
      await session.train(view, 1);
      const wanted = left.map((row) => all[row]);
      expect([...(await (await session.estimate(view)).data())]).toEqual(
        near(wanted.map(({ value }) => value)),
      );
      const { value, of, cotangent } = await session.differentiate(view);
      expect(of).toBe('preactivation');
      expect([...(await value.data())]).toEqual(near(wanted.map((one) => one.value)));
      expect(cotangent.shape).toEqual([left.length, 3, 5, 2]);
      expect([...(await cotangent.data())]).toEqual(near(wanted.flatMap(({ gradient }) => gradient)));
    }
    session.dispose();
  });
});

it('graphs are compiled once for each size, and only those that are asked for', async () => {
  const graphs = runner();
  const view = viewOf(pairs().perturbed);
  const open = () => gaussian.open(viewOf(pairs().clean), streamsFor(3), graphs);
  await (await open()).estimate(view);
  expect(graphs.compiled).toBe(1);
  await (await open()).differentiate(view);
  await (await open()).differentiate(view);
  expect(graphs.compiled).toBe(2);
  const wide = normalTensor('wide', [3, 5, 5, 2]);
  await (await gaussian.open(viewOf(wide), streamsFor(3), graphs)).estimate(viewOf(wide));
  expect(graphs.compiled).toBe(3);
});

it('the bytes of a sample are those of 32 channels at each position, thrice', () => {
  expect(gaussian.bytesPerSample([5, 7, 3])).toBe(3 * 4 * 32 * 35);
});

describe("the referee's measure", () => {
  const block = (tensor: tf.Tensor): FeatureBlock => ({
    data: tensor.dataSync<'float32'>(),
    n: tensor.shape[0],
    positions: 15,
    channels: 2,
  });

  it.each([
    ['on the host', undefined],
    ['compiled', runner()],
  ])('is the estimate of each image, %s', async (_, graphs) => {
    const yardstick = await gaussianEstimator.open({});
    const { clean, perturbed } = pairs();
    const asked = block(clean);
    for (const other of [perturbed, clean]) {
      const found = await yardstick.estimate(asked, other === clean ? asked : block(other), graphs);
      expect([...found]).toEqual(near(expected(clean, other).map(({ value }) => value)));
    }
    const [one, another] = [clean, perturbed].map((all) =>
      block(tf.slice(all, [1, 0, 0, 0], [1, -1, -1, -1])),
    );
    const alone = await yardstick.estimate(one, another, graphs);
    expect([...alone]).toEqual(near([expected(clean, perturbed)[1].value]));
    // The clean side is prepared once: two graphs, whatever was asked.
    if (graphs) expect(graphs.compiled).toBe(2);
  });
});
