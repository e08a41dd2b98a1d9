import assert from 'node:assert/strict';
import type { DatasetPlugin, ImageSource, Pixels } from '@gauntlet/api';
import { checkAgainst } from '@gauntlet/core';
import type { ConformanceCase } from './conformance-row.js';

export interface DatasetConformanceRow {
  dataset: DatasetPlugin;
  /** Options; defaults are filled in. */
  params?: Record<string, unknown>;
  /** Images that are looked at, spread over the whole (default 20). */
  samples?: number;
}

/**
 * The tests that every dataset has to pass, for any test runner:
 * `for (const { name, run } of datasetConformance(row)) it(name, run)`.
 */
export function datasetConformance({
  dataset,
  params = {},
  samples = 20,
}: DatasetConformanceRow): ConformanceCase[] {
  const load = async (): Promise<ImageSource> => {
    const options = structuredClone(params);
    assert.deepEqual(checkAgainst(dataset.params, options), [], 'the parameters are not valid');
    return dataset.load(options);
  };
  const some = ({ count }: ImageSource) => {
    const n = Math.min(count, samples);
    return Array.from({ length: n }, (_, k) => Math.floor((k * count) / n));
  };
  const test = (name: string, run: () => Promise<void>) => ({ name: `${dataset.name}: ${name}`, run });
  return [
    test('has images of one shape, height × width × channels', async () => {
      const source = await load();
      assert.ok(Number.isInteger(source.count) && source.count > 0, `count is ${source.count}`);
      assert.equal(source.shape.length, 3);
      const size = source.shape.reduce((a, b) => a * b, 1);
      for (const i of some(source)) assert.equal((await source.pixels(i)).length, size, `image ${i}`);
    }),
    test('gives bytes, or finite float32 numbers', async () => {
      const source = await load();
      for (const i of some(source)) {
        const pixels = await source.pixels(i);
        if (pixels instanceof Uint8Array) continue;
        assert.ok(pixels instanceof Float32Array, `image ${i} is neither Uint8Array nor Float32Array`);
        assert.ok(pixels.every(Number.isFinite), `image ${i} has values that are not finite`);
      }
    }),
    test('has a class for each image, or no labels at all', async () => {
      const { labels, count, classNames } = await load();
      if (!labels) return;
      assert.ok(labels instanceof Int32Array, 'labels are an Int32Array');
      assert.equal(labels.length, count);
      assert.ok(labels.every((label) => label >= 0));
      if (classNames) assert.ok(labels.every((label) => label < classNames.length));
    }),
    test('says 0 or 1 of each label of each image, where it has several', async () => {
      const { labelSets, count } = await load();
      if (!labelSets) return;
      assert.equal(labelSets.values.length, count * labelSets.width);
      assert.ok(labelSets.values.every((value) => value === 0 || value === 1));
    }),
    test('gives the same images whenever and in whatever order it is asked', async () => {
      const [one, other] = [await load(), await load()];
      assert.deepEqual(other.labels, one.labels);
      assert.deepEqual(other.labelSets, one.labelSets);
      const order = some(one);
      const first = new Map<number, Pixels>();
      for (const i of order) first.set(i, (await one.pixels(i)).slice());
      for (const i of [...order].reverse())
        assert.deepEqual(await other.pixels(i), first.get(i), `image ${i}`);
      for (const i of order) assert.deepEqual(await one.pixels(i), first.get(i), `image ${i}, again`);
    }),
  ];
}
