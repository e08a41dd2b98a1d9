import assert from 'node:assert/strict';
import { type ModelKind, Stream, tidyAsync, type VictimModel, type VictimPlugin, tf } from '@gauntlet/api';
import { checkAgainst, openEngine } from '@gauntlet/core';
import type { ConformanceCase } from './conformance-row.js';
import { checkSlopes, normalTensor } from './slopes.js';

export interface VictimConformanceRow {
  victim: VictimPlugin;
  /** Options; defaults are filled in. */
  params?: Record<string, unknown>;
  /** A classifier by default. */
  kind?: ModelKind;
  /** [height, width, channels] of the images it is tried on (default 28, 28, 1). */
  imageShape?: [number, number, number];
  /** Smallest and largest value of an input (default 0, 1). */
  bounds?: [number, number];
  /** To which paths among the options are relative (default: the current one). */
  folder?: string;
}

const count = 5;

/**
 * The tests that every victim has to pass, for any test runner:
 * `for (const { name, run } of victimConformance(row)) it(name, run)`.
 */
export function victimConformance(row: VictimConformanceRow): ConformanceCase[] {
  const { victim, kind = 'classifier', imageShape = [28, 28, 1], bounds = [0, 1] } = row;
  const size = imageShape.reduce((a, b) => a * b, 1);
  const open = async (): Promise<VictimModel> => {
    const params = structuredClone(row.params ?? {});
    assert.deepEqual(checkAgainst(victim.params, params), [], 'the parameters are not valid');
    return victim.open({ kind, imageShape, bounds, folder: row.folder ?? process.cwd(), params });
  };
  const test = (name: string, run: (model: VictimModel, x: tf.Tensor4D) => Promise<void>) => ({
    name: `${victim.name}: ${name}`,
    run: async () => {
      await openEngine('tfjs:wasm');
      await tidyAsync(async () => {
        const model = await open();
        await run(model, images(imageShape, bounds));
        model.dispose?.();
      });
    },
  });
  return [
    test('gives finite numbers for each image, of the shape of its kind', async (model, x) => {
      const output = await outputOf(model, x);
      const values = await output.data();
      assert.equal(output.shape[0], count, `the output for ${count} images is [${output.shape.join(', ')}]`);
      const width = values.length / count;
      if (kind === 'autoencoder') assert.equal(width, size, 'a reconstruction has the size of the image');
      else assert.ok(width >= 2, `${width} number for an image`);
      assert.ok(values.every(Number.isFinite), 'some outputs are NaN or infinite');
    }),
    test('does not depend on the other images of the batch, nor on their order', async (model, x) => {
      const whole = await rowsOf(model, x);
      for (const order of [[3, 0, 4], ...whole.map((_, i) => [i])]) {
        const part = await rowsOf(model, tf.gather(x, order));
        order.forEach((image, i) =>
          close(part[i], whole[image], `image ${image} among [${order.join(', ')}]`),
        );
      }
    }),
    test('is the same model, with the same hash, whenever it is opened', async (model, x) => {
      const again = await open();
      assert.equal(again.hash, model.hash);
      assert.ok(typeof model.hash === 'string' && model.hash !== '', 'the hash is no text');
      const [first, second] = [await rowsOf(model, x), await rowsOf(again, x)];
      second.forEach((values, i) => close(values, first[i], `image ${i}, opened again`));
      again.dispose?.();
    }),
    test('has the gradient that differences of forward show', async (model, x) => {
      // What has predict alone is not differentiated.
      if (model.forward) await checkGradient((input) => model.forward!(input), x, bounds[1] - bounds[0]);
    }),
  ];
}

/** [5,h,w,c], away from the bounds. */
function images(
  shape: readonly [number, number, number],
  [low, high]: readonly [number, number],
): tf.Tensor4D {
  const stream = new Stream('victim-conformance');
  const length = count * shape.reduce((a, b) => a * b, 1);
  const values = Float32Array.from({ length }, () => low + (high - low) * stream.uniform(0.1, 0.9));
  return tf.tensor4d(values, [count, ...shape]);
}

async function outputOf(model: VictimModel, x: tf.Tensor4D): Promise<tf.Tensor> {
  if (model.forward) return tf.tidy(() => tf.clone(model.forward!(x)));
  if (!model.predict) assert.fail('it has neither forward nor predict');
  return model.predict(x);
}

async function rowsOf(model: VictimModel, x: tf.Tensor4D): Promise<Float32Array[]> {
  const values = (await (await outputOf(model, x)).data()) as Float32Array;
  const width = values.length / x.shape[0];
  return Array.from({ length: x.shape[0] }, (_, i) => values.subarray(i * width, (i + 1) * width));
}

/** Engines may add in another order for another batch. */
function close(found: Float32Array, expected: Float32Array, what: string): void {
  const slack = 1e-4 * expected.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
  const worst = found.reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i])), 0);
  assert.ok(worst <= slack, `${what}: outputs differ by ${worst}`);
}

/** A random sum of the outputs rises as its gradient says. */
async function checkGradient(
  forward: (x: tf.Tensor4D) => tf.Tensor,
  x: tf.Tensor4D,
  range: number,
): Promise<void> {
  const stream = new Stream('victim-conformance', 'gradient');
  const weights = normalTensor(stream, forward(x).shape);
  const terms = (input: tf.Tensor4D) => tf.mul(forward(input), weights);
  const gradient = tf.grad((input) => tf.sum(terms(input as tf.Tensor4D)))(x);
  await checkSlopes(terms, x, gradient, { stream, range });
}
