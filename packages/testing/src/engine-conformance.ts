import assert from 'node:assert/strict';
import path from 'node:path';
import {
  type Engine,
  type EngineModel,
  type EnginePlugin,
  type ModelOutputs,
  reasonOf,
  Stream,
  tidyAsync,
  tf,
} from '@gauntlet/api';
import { checkAgainst, startEngine } from '@gauntlet/core';
import type { ConformanceCase } from './conformance-row.js';
import { checkSlopes, normalTensor } from './slopes.js';

export interface EngineConformanceRow {
  engine: EnginePlugin;
  /** A model that it can load. */
  model: string;
  /** Options; defaults are filled in. */
  params?: Record<string, unknown>;
  /** The first one by default. */
  device?: string;
  /** [height, width, channels] of the images it is tried on (default 28, 28, 1). */
  imageShape?: [number, number, number];
  /** Smallest and largest value of an input (default 0, 1). */
  bounds?: [number, number];
}

const count = 5;

/**
 * The tests that every engine has to pass, for any test runner:
 * `for (const { name, run } of engineConformance(row)) it(name, run)`.
 */
export function engineConformance(row: EngineConformanceRow): ConformanceCase[] {
  const { engine: plugin, imageShape = [28, 28, 1], bounds = [0, 1] } = row;
  const device = row.device ?? plugin.devices[0]?.name;
  const range = bounds[1] - bounds[0];
  const start = (): Promise<Engine> => {
    const params = structuredClone(row.params ?? {});
    assert.deepEqual(checkAgainst(plugin.params, params), [], 'the parameters are not valid');
    return startEngine(plugin, device, params);
  };
  const load = (engine: Engine) => engine.load({ path: row.model, imageShape, output: 'auto' });
  const test = (name: string, run: (model: EngineModel, x: tf.Tensor, engine: Engine) => Promise<void>) => ({
    name: `${plugin.name}: ${name}`,
    run: async () => {
      const engine = await start();
      const model = await load(engine);
      try {
        await tidyAsync(() => run(model, inputs(model, imageShape, bounds), engine));
      } finally {
        model.dispose();
      }
    },
  });
  return [
    test('starts on a device of its own, under its name', async (model, _x, engine) => {
      const names = plugin.devices.map(({ name }) => name);
      assert.equal(new Set(names).size, names.length, `devices are ${names.join(', ')}`);
      for (const name of names) assert.match(name, /^[a-z][a-z\d-]*$/, 'the name of a device');
      assert.equal(engine.name, `${plugin.name}:${device}`);
      assert.match(model.engine, /^[^:]+:[^:]+$/, 'the name of the engine that computes');
    }),
    test('predicts finite float32 numbers for each image', async (model, x) => {
      const output = await model.predict(x);
      assert.equal(output.dtype, 'float32');
      assert.equal(output.shape[0], count, `the output for ${count} images is [${output.shape.join(', ')}]`);
      assert.ok((await output.data()).every(Number.isFinite), 'some outputs are NaN or infinite');
    }),
    test('does not depend on the other images of the batch, nor on their order', async (model, x) => {
      const whole = await everything(model, x);
      for (const order of [[3, 0, 4], ...Array.from({ length: count }, (_, i) => [i])]) {
        const part = await everything(model, tf.gather(x, order));
        for (const [what, values] of Object.entries(part))
          await close(values, tf.gather(whole[what], order), `${what} of images [${order.join(', ')}]`);
      }
    }),
    test('gives with a gradient the output of predict, and the value of the objective', async (model, x) => {
      const { output, value } = await everything(model, x);
      const predicted = await model.predict(x);
      await close(output, predicted, 'the output of differentiate');
      await close(value, weighed(predicted), 'the value of the objective');
    }),
    test('has the gradient that differences of predict show', async (model, x) => {
      const { gradient } = await everything(model, x);
      assert.deepEqual(gradient.shape, x.shape, 'the shape of the gradient');
      const stream = new Stream('engine-conformance', 'gradient');
      await checkSlopes(async (input) => weighed(await model.predict(input)), x, gradient, { stream, range });
    }),
    test('has features that objectives can look at, if it names a convolution', async (model, x) => {
      if (model.convolution === undefined) return;
      const { features, preactivation } = await model.features(x);
      assert.deepEqual([features.rank, features.shape[0]], [4, count], 'the shape of features');
      const { value, gradient } = await model.differentiate(x, (outputs) => weighed(outputs.preactivation!));
      await close(value, weighed(preactivation), 'the value of an objective over features');
      const stream = new Stream('engine-conformance', 'features');
      const terms = async (input: tf.Tensor) => weighed((await model.features(input)).preactivation);
      await checkSlopes(terms, x, gradient, { stream, range });
    }),
    test('is the same model, with the same hash, whenever it is loaded', async (model, x, engine) => {
      const again = await load(engine);
      try {
        assert.equal(again.hash, model.hash);
        await close(await again.predict(x), await model.predict(x), 'outputs, loaded again');
      } finally {
        again.dispose();
      }
    }),
    {
      name: `${plugin.name}: keeps no tensor of a pass, and none of a model that is disposed of`,
      run: async () => {
        const engine = await start();
        // What an engine keeps for all its models is there after the first one.
        await passes(await load(engine), imageShape, bounds);
        const before = tf.memory().numTensors;
        const kept = await passes(await load(engine), imageShape, bounds);
        assert.equal(kept, 0, 'tensors more after each predict and differentiate');
        assert.equal(tf.memory().numTensors - before, 0, 'tensors more after dispose');
      },
    },
    {
      name: `${plugin.name}: says which file is not there`,
      run: async () => {
        const engine = await start();
        const missing = `not-there${path.extname(row.model)}`;
        const gone = path.join(path.dirname(row.model), missing);
        const said = await engine.load({ path: gone, imageShape, output: 'auto' }).then(
          () => assert.fail(`it loads ${gone}, which is not there`),
          (error: unknown) => reasonOf(error),
        );
        assert.ok(said.includes(missing), `it says: ${said}`);
      },
    },
  ];
}

/** [5, …] in the shape that the model wants, away from the bounds. */
function inputs(
  { inputShape }: EngineModel,
  imageShape: readonly number[],
  [low, high]: readonly [number, number],
): tf.Tensor {
  const shape = inputShape.every((size) => size > 0) ? inputShape : imageShape;
  const stream = new Stream('engine-conformance');
  const length = count * shape.reduce((a, b) => a * b, 1);
  const values = Float32Array.from({ length }, () => low + (high - low) * stream.uniform(0.1, 0.9));
  return tf.tensor(values, [count, ...shape]);
}

/** An objective: a sum of what there is of each image, each number with a weight of its own. */
function weighed(output: tf.Tensor): tf.Tensor1D {
  return tf.tidy(() => {
    const [n, ...shape] = output.shape;
    const weights = normalTensor(new Stream('engine-conformance', 'weights'), [1, ...shape]);
    return tf.sum<tf.Tensor1D>(tf.reshape(tf.mul(output, weights), [n, -1]), 1);
  });
}

async function everything(model: EngineModel, x: tf.Tensor): Promise<Record<string, tf.Tensor>> {
  const objective = (outputs: ModelOutputs) => weighed(outputs.output);
  return { predicted: await model.predict(x), ...(await model.differentiate(x, objective)) };
}

/** Uses a model and disposes of it; gives how many tensors a second pass has left behind. */
async function passes(
  model: EngineModel,
  imageShape: readonly number[],
  bounds: readonly [number, number],
): Promise<number> {
  const x = inputs(model, imageShape, bounds);
  const pass = async () => tf.dispose(await everything(model, x));
  await pass();
  const before = tf.memory().numTensors;
  await pass();
  const kept = tf.memory().numTensors - before;
  x.dispose();
  model.dispose();
  return kept;
}

/** Engines may add in another order for another batch. */
async function close(found: tf.Tensor, expected: tf.Tensor, what: string): Promise<void> {
  assert.deepEqual(found.shape, expected.shape, `${what}: the shape`);
  const [values, others] = [await found.data<'float32'>(), await expected.data<'float32'>()];
  const slack = 1e-4 * others.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
  const worst = values.reduce((most, value, i) => Math.max(most, Math.abs(value - others[i])), 0);
  assert.ok(worst <= slack, `${what}: off by ${worst}`);
}
