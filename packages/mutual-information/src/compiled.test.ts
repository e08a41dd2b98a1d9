import path from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { type FeatureBlock, type GraphRunner, Stream } from '@gauntlet/api';
import { openEngine } from '@gauntlet/core';
import plugins, { type Estimator, gaussian, mine, type View } from '@gauntlet/mutual-information';
import { normalTensor, streamsFor, viewOf } from './views.test-support.js';

const estimators: [string, Estimator][] = [
  ['fast', mine({ network: 'fast', sampling: 'conv' })],
  ['fast, all pairs', mine({ network: 'fast', sampling: 'conv', marginals: 'all-pairs' })],
  ['fast, random-sampling', mine({ network: 'fast', sampling: 'random-sampling' })],
  ['positions', mine({ network: 'positions' })],
  ['paper', mine({ network: 'paper', sampling: 'conv' })],
  ['gaussian', gaussian],
  ['paper, random-sampling', mine({ network: 'paper', sampling: 'random-sampling' })],
];

const [gaussianEstimator] = plugins;

const model = path.join(import.meta.dirname, '../../zoo/models/digits-cnn/model.json');

const lent = new Map<string, GraphRunner | undefined>();

/** What a victim of an engine lends its estimators. The engine is open thereafter. */
async function graphsOf(engine: string): Promise<GraphRunner | undefined> {
  const opened = await openEngine(engine);
  if (!lent.has(engine)) lent.set(engine, (await opened.load({ path: model, output: 'logits' })).graphs);
  return lent.get(engine);
}

/** Every number that an estimator gives along a short training, samples leaving on the way. */
async function numbers(engine: string, estimator: Estimator): Promise<Float32Array[]> {
  const graphs = await graphsOf(engine);
  const shape: [number, number, number, number] = [3, 4, 3, 16];
  const clean = viewOf(normalTensor('clean', shape));
  const moved = (keep: number) => {
    const features: tf.Tensor4D = tf.add(clean.preactivation, tf.mul(normalTensor('delta', shape), 0.3));
    const cut = (t: tf.Tensor4D) => tf.slice(t, 0, keep);
    const { x, features: f, preactivation } = { ...viewOf(features), x: normalTensor('image', [3, 4, 3, 1]) };
    return { x: cut(x), features: cut(f), preactivation: cut(preactivation) } satisfies View;
  };
  const session = await estimator.open(clean, streamsFor(3), graphs);
  const results: tf.Tensor[] = [await session.estimate(moved(3))];
  for (const steps of [1, 3]) {
    await session.train(moved(3), steps);
    const { value, cotangent } = await session.differentiate(moved(3));
    results.push(value, cotangent);
  }
  session.keep([0, 1]);
  await session.train(moved(2), 2);
  const { value, cotangent } = await session.differentiate(moved(2));
  results.push(value, cotangent);
  session.dispose();
  return Promise.all(results.map(async (tensor) => (await tensor.data()) as Float32Array));
}

describe('estimators as compiled graphs give the numbers of TensorFlow.js to 1e-4', () => {
  it.each(estimators)('%s', async (_, estimator) => {
    const [expected, found] = [await numbers('tfjs:wasm', estimator), await numbers('onnx:cpu', estimator)];
    expect(found.map(({ length }) => length)).toEqual(expected.map(({ length }) => length));
    found.forEach((values, i) => {
      const scale = Math.max(0.1, ...expected[i].map(Math.abs));
      const worst = Math.max(...values.map((value, k) => Math.abs(value - expected[i][k])));
      expect(worst / scale).toBeLessThan(1e-4);
    });
  });
});

describe('an estimator runs as compiled graphs if and only if the victim it is opened for lends a runner', () => {
  it.each(estimators)('%s', async (_, estimator) => {
    const runners = [await graphsOf('onnx:cpu'), await graphsOf('tfjs:wasm')];
    const made: string[] = [];
    for (const graphs of [...runners, ...runners]) {
      const clean = viewOf(normalTensor('clean', [2, 4, 4, 16]));
      const session = await estimator.open(clean, streamsFor(2), graphs);
      made.push(session.constructor.name);
      session.dispose();
    }
    const plain = estimator === gaussian ? 'GaussianSession' : 'MineSession';
    expect(made).toEqual([`Compiled${plain}`, plain, `Compiled${plain}`, plain]);
  });
});

describe('MINE takes one run for the steps of training and the estimate behind them', () => {
  const shape: [number, number, number, number] = [19, 5, 4, 16];
  const steps = 5;

  /** Bytes of the estimate and its gradient, and the rows of every run. */
  async function measured(onProcessor: boolean, train: 'apart' | 'with the estimate', of = shape) {
    const rows: number[] = [];
    const lent = (await graphsOf('onnx:cpu'))!;
    const [clean, moved] = ['clean', 'moved'].map((key) => viewOf(normalTensor(key, of)));
    const counting: GraphRunner = async (model) => {
      const session = await lent(model);
      const run = session.run.bind(session);
      return Object.assign(Object.create(session) as typeof session, {
        run: ((...[feeds, ...rest]: Parameters<typeof run>) => {
          rows.push((feeds.u as { dims: readonly number[] }).dims[0]);
          return run(feeds, ...rest);
        }) as typeof run,
      });
    };
    const estimator = mine({ network: 'fast', sampling: 'conv' });
    const graphs = Object.assign(counting, { onProcessor });
    const session = await estimator.open(clean, streamsFor(of[0]), graphs);
    if (train === 'apart') await session.train(moved, steps);
    const { value, cotangent } = await session.differentiate(moved, train === 'apart' ? 0 : steps);
    session.dispose();
    return { rows, numbers: [await value.data(), await cotangent.data()] };
  }

  it('of eight samples on a processor, of the batch elsewhere, with the same bytes', async () => {
    const parts = await measured(true, 'with the estimate');
    const whole = await measured(false, 'with the estimate');
    expect(parts.rows).toEqual([8, 8, 3]);
    expect(whole.rows).toEqual([19]);
    expect(parts.numbers).toEqual(whole.numbers);
  });

  it('of fewer samples where networks are larger, with the same bytes', async () => {
    const [parts, whole] = [
      await measured(true, 'with the estimate', [7, 32, 32, 16]),
      await measured(false, 'with the estimate', [7, 32, 32, 16]),
    ];
    // Two parameters of 10 × 1024 and their moments: 245 kilobytes a sample.
    expect(parts.rows).toEqual([4, 3]);
    expect(parts.numbers).toEqual(whole.numbers);
    const larger = await measured(true, 'with the estimate', [5, 64, 64, 16]);
    expect(larger.rows).toEqual([2, 2, 2]);
  });

  it('with the bytes of one after the other', async () => {
    const apart = await measured(true, 'apart');
    expect(apart.rows).toEqual([8, 8, 3, 8, 8, 3]);
    expect(apart.numbers).toEqual((await measured(true, 'with the estimate')).numbers);
  });
});

describe("the referee's Gaussian estimate runs on the victim's engine where it can", () => {
  const [n, positions, channels] = [5, 60, 7];
  const block = (data: Float32Array, count = n): FeatureBlock => ({ data, n: count, positions, channels });
  const stream = new Stream('clean', 0);
  const part = ({ data }: FeatureBlock, i: number) =>
    block(data.slice(i * positions * channels, (i + 1) * positions * channels), 1);
  const clean = block(new Float32Array(n * positions * channels).map(() => 3 * stream.normal() - 40));
  const moved = block(clean.data.map((value, i) => value + [0.03, 0.5][i % 2]));

  it('with the numbers of the host to 1e-4, and the same for an image alone and in a batch', async () => {
    const graphs = await graphsOf('onnx:cpu');
    const yardstick = await gaussianEstimator.open({});
    for (const other of [moved, clean]) {
      const found = await yardstick.estimate(clean, other, graphs);
      const expected = await yardstick.estimate(clean, other);
      found.forEach((value, i) => expect(Math.abs(value / expected[i] - 1)).toBeLessThan(1e-4));
      const [first, second] = [part(clean, 3), part(other, 3)];
      const alone = await yardstick.estimate(first, other === clean ? first : second, graphs);
      expect(alone[0]).toBe(found[3]);
    }
  });

  it('zero for constant images, whatever rounding makes of their mean', async () => {
    const graphs = await graphsOf('onnx:cpu');
    const yardstick = await gaussianEstimator.open({});
    const flat = block(clean.data.map((_, i) => 0.1 + (i % channels)));
    expect(Math.max(...(await yardstick.estimate(flat, flat, graphs)))).toBeLessThan(1e-6);
    expect(Math.max(...(await yardstick.estimate(flat, moved, graphs)))).toBeLessThan(1e-6);
  });
});
