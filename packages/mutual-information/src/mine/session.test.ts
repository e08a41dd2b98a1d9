import * as tf from '@tensorflow/tfjs-core';
import * as ort from 'onnxruntime-node';
import { beforeAll, describe, expect, it } from 'vitest';
import type { GraphRunner } from '@gauntlet/api';
import { openEngine } from '@gauntlet/core';
import type { View } from '../estimator.js';
import { normalTensor, streamsFor, viewOf } from '../views.test-support.js';
import { mine, type MineOptions } from './mine.js';

beforeAll(async () => {
  await openEngine('tfjs:wasm');
});

const shape: [number, number, number, number] = [3, 2, 3, 4];
const compiled: GraphRunner = (model) => ort.InferenceSession.create(model);

const options: [string, MineOptions][] = [
  ['by one permutation', { network: 'fast', sampling: 'conv', learningRate: 1e-3 }],
  ['by all pairs', { network: 'positions', marginals: 'all-pairs', learningRate: 0.02 }],
];
const ways: [string, GraphRunner | undefined][] = [
  ['TensorFlow.js', undefined],
  ['compiled graphs', compiled],
];
const cases = options.flatMap(([name, one]) =>
  ways.map(([way, graphs]) => [name, way, one, graphs] as const),
);

const only = (view: View, rows: number[]): View => ({
  x: tf.gather(view.x, rows),
  features: tf.gather(view.features, rows),
  preactivation: tf.gather(view.preactivation, rows),
});
const numbers = async (tensor: tf.Tensor) => [...(await tensor.data())];
const near = (values: readonly number[]) => values.map((value) => expect.closeTo(value, 4) as number);

describe.each(cases)('a session of MINE %s, in %s', (_name, _way, parameters, graphs) => {
  const clean = () => viewOf(normalTensor('clean', shape));
  const perturbed = () =>
    viewOf(tf.add(normalTensor('clean', shape), tf.mul(normalTensor('noise', shape), 0.2)) as tf.Tensor4D);
  const open = (view: View, streams = streamsFor(3)) => mine(parameters).open(view, streams, graphs);

  it('learns, one step after the other', async () => {
    const [atOnce, stepwise] = [await open(clean()), await open(clean())];
    const before = await numbers(await (await open(clean())).estimate(perturbed()));
    await atOnce.train(perturbed(), 20);
    for (let step = 0; step < 20; step++) await stepwise.train(perturbed(), 1);
    const [after, same] = [await atOnce.estimate(perturbed()), await stepwise.estimate(perturbed())];
    expect(await numbers(same)).toEqual(await numbers(after));
    const gain = (await numbers(after)).map((value, i) => value - before[i]);
    expect(gain.reduce((a, b) => a + b, 0) / 3).toBeGreaterThan(0.05);
  });

  it('gives the gradient of what it estimates', async () => {
    const trained = async () => {
      const session = await open(clean());
      await session.train(perturbed(), 5);
      return session;
    };
    const { value, of, cotangent } = await (await trained()).differentiate(perturbed());
    expect(await numbers(value)).toEqual(near(await numbers(await (await trained()).estimate(perturbed()))));
    expect([of, cotangent.shape]).toEqual(['features', shape]);
    // Along the gradient of each image the estimate grows as fast as it is long.
    const length = await numbers(tf.sum(tf.square(cotangent), [1, 2, 3]));
    const at = async (step: number) => {
      const view = perturbed();
      const moved = tf.add(view.features, tf.mul(cotangent, step)) as tf.Tensor4D;
      return numbers(await (await trained()).estimate({ ...view, features: moved }));
    };
    const [up, down] = [await at(1e-2), await at(-1e-2)];
    length.forEach((square, i) => {
      expect(square).toBeGreaterThan(0);
      expect(Math.abs((up[i] - down[i]) / 2e-2 / square - 1)).toBeLessThan(0.05);
    });
  });

  it.each([[[2, 0]], [[1]]])('goes on with samples %j as if they had been alone', async (rows) => {
    const whole = await open(clean());
    await whole.train(perturbed(), 4);
    whole.keep(rows);
    await whole.train(only(perturbed(), rows), 4);
    const alone = await open(
      only(clean(), rows),
      rows.map((row) => streamsFor(3)[row]),
    );
    await alone.train(only(perturbed(), rows), 8);
    const [kept, expected] = [whole, alone].map((one) => one.differentiate(only(perturbed(), rows)));
    expect(await numbers((await kept).value)).toEqual(near(await numbers((await expected).value)));
    expect(await numbers((await kept).cotangent)).toEqual(near(await numbers((await expected).cotangent)));
    expect((await kept).cotangent.shape).toEqual([rows.length, ...shape.slice(1)]);
  });

  it('leaves no tensor behind', async () => {
    const [left, right] = [clean(), perturbed()];
    const fewer = only(right, [0, 2]);
    const before = tf.memory().numTensors;
    const session = await open(left);
    await session.train(right, 2);
    tf.dispose(await session.estimate(right));
    const { value, cotangent } = await session.differentiate(right);
    session.keep([0, 2]);
    await session.train(fewer, 1);
    session.dispose();
    tf.dispose([value, cotangent]);
    expect(tf.memory().numTensors).toBe(before);
  });
});

it('graphs are compiled once for sessions of the same sizes', async () => {
  const opened: Uint8Array[] = [];
  const counting: GraphRunner = (model) => {
    opened.push(model);
    return ort.InferenceSession.create(model);
  };
  const start = async (one: MineOptions, sizes = shape) => {
    const session = await mine(one).open(viewOf(normalTensor('view', sizes)), streamsFor(sizes[0]), counting);
    await session.train(viewOf(normalTensor('other', sizes)), 1);
    return opened.length;
  };
  const [[, shuffled], [, pairs]] = options;
  expect(await start(shuffled)).toBe(1);
  expect(await start(shuffled)).toBe(1);
  expect(await start(shuffled, [2, 2, 3, 4])).toBe(1);
  expect(await start(shuffled, [2, 3, 3, 4])).toBe(2);
  expect(await start({ ...shuffled, learningRate: 1 })).toBe(3);
  expect(await start({ ...shuffled, marginals: 'all-pairs' })).toBe(4);
  expect(await start(pairs)).toBe(5);
});

describe('compiled graphs on a processor', () => {
  const many: typeof shape = [11, 2, 3, 4];
  const views = () =>
    ['clean', 'perturbed'].map((key) => ({
      ...viewOf(normalTensor(key, many)),
      x: normalTensor(`${key} image`, [11, 2, 3, 1]),
    }));

  /** Rows of every run, and what a session gives from its start to where two of its samples are gone. */
  async function followed(one: MineOptions, onProcessor?: boolean) {
    const rows: number[] = [];
    const counting: GraphRunner = async (model) => {
      const session = await compiled(model);
      const run = session.run.bind(session);
      session.run = ((feeds: Record<string, ort.Tensor>, outputs: string[]) => {
        rows.push(feeds.u.dims[0]);
        return run(feeds, outputs);
      }) as typeof session.run;
      return session;
    };
    const [clean, perturbed] = views();
    const runner = Object.assign(counting, { onProcessor });
    const session = await mine(one).open(
      clean,
      streamsFor(11),
      onProcessor === undefined ? undefined : runner,
    );
    const found = [await numbers(await session.estimate(perturbed))];
    await session.train(perturbed, 2);
    const kept = [10, 3, 8, 0, 1, 2, 4, 5, 6];
    session.keep(kept);
    const { of, value, cotangent } = await session.differentiate(only(perturbed, kept), 1);
    expect([of, cotangent.shape]).toEqual([session.of, [9, ...perturbed[of].shape.slice(1)]]);
    return { of, rows, found: [...found, await numbers(value), await numbers(cotangent)] };
  }

  it.each([
    ...options,
    ['on projections', { network: 'fast', sampling: 'random-sampling' }],
  ] as typeof options)(
    '%s take eight samples at a time, never one alone, with the numbers of all at once',
    async (_, one) => {
      const [parts, whole] = [await followed(one, true), await followed(one, false)];
      // A last one that would be alone comes twice.
      expect([parts.rows, whole.rows]).toEqual([
        [8, 3, 8, 3, 8, 2],
        [11, 11, 9],
      ]);
      expect(parts.of).toBe(one.sampling === 'random-sampling' ? 'x' : 'features');
      parts.found.forEach((values, i) => expect(values).toEqual(near(whole.found[i])));
    },
  );

  // In small steps: Adam's first are as long for what rounding leaves of a gradient of 0.
  it.each([
    ['by one permutation', { ...options[0][1], learningRate: 2e-5 }],
    ['by all pairs', options[1][1]],
  ] as typeof options)('%s give the numbers of TensorFlow.js', async (_, one) => {
    const [{ found }, { found: expected }] = [await followed(one, true), await followed(one)];
    found.forEach((values, i) =>
      expect(values).toEqual(expected[i].map((value) => expect.closeTo(value, 3) as number)),
    );
  });
});
