import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import type { Engine } from '@gauntlet/api';
import { openEngine } from '@gauntlet/core';

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine('tfjs:cpu');
});

interface Layer {
  class_name: string;
  config: Record<string, unknown>;
}
const dense = (units: number): Layer => ({
  class_name: 'Dense',
  config: { name: 'dense', units, use_bias: false },
});
const flatten: Layer = { class_name: 'Flatten', config: { name: 'flatten' } };

/** Loads a Sequential model of these layers, whose files have one weight, [16, 2], if one of them is dense. */
async function complaint(layers: Layer[], input: unknown[] = [null, 4, 4, 1]) {
  const folder = mkdtempSync(path.join(tmpdir(), 'gauntlet-sizes-'));
  const [first, ...rest] = layers;
  const start = { ...first, config: { ...first.config, batch_input_shape: input } };
  const topology = { class_name: 'Sequential', config: { name: 's', layers: [start, ...rest] } };
  const kernel = { name: 'dense/kernel', shape: [16, 2], dtype: 'float32' };
  const weights = layers.some(({ class_name }) => class_name === 'Dense') ? [kernel] : [];
  writeFileSync(path.join(folder, 'w.bin'), new Uint8Array(128 * weights.length));
  writeFileSync(
    path.join(folder, 'model.json'),
    JSON.stringify({
      format: 'layers-model',
      modelTopology: { model_config: topology, keras_version: '2', backend: 'tensorflow' },
      weightsManifest: [{ paths: ['w.bin'], weights }],
    }),
  );
  const before = process.memoryUsage().rss;
  const said = await engine.load({ path: folder, output: 'auto', imageShape: [4, 4, 1] }).then(
    (model) => (model.dispose(), 'no complaint'),
    (error: Error) => `${(error as { code?: string }).code}: ${error.message}`,
  );
  expect(process.memoryUsage().rss - before).toBeLessThan(200e6);
  return said;
}

it('a model whose weights are those of its layers is loaded', async () => {
  expect(await complaint([flatten, dense(2)])).toBe('no complaint');
});

it.each([
  [
    'units',
    [flatten, dense(1e12)],
    /model-weights: .* layer "dense" .* of \[16, 1000000000000\]; all .* 32 n/,
  ],
  ['units that a file of the same size could not have', [flatten, dense(3)], /of \[16, 3\]/],
  [
    'filters',
    [{ class_name: 'Conv2D', config: { name: 'c', filters: 1e10, kernel_size: [3, 3] } }, flatten],
    /layer "c" .* of \[3, 3, 1, 10000000000\]/,
  ],
  [
    'a kernel',
    [{ class_name: 'Conv2D', config: { name: 'c', filters: 1, kernel_size: [1e6, 1e6], padding: 'same' } }],
    /layer "c" .* of \[1000000, 1000000, 1, 1\]/,
  ],
  [
    'upsampling',
    [{ class_name: 'UpSampling2D', config: { name: 'up', size: [1e6, 1e6] } }],
    /model-shape: .* layer "up" that gives \[4000000, 4000000, 1\] numbers/,
  ],
  [
    'padding',
    [
      {
        class_name: 'ZeroPadding2D',
        config: {
          name: 'pad',
          padding: [
            [1e9, 0],
            [0, 1e9],
          ],
        },
      },
    ],
    /layer "pad" that gives/,
  ],
] satisfies [string, Layer[], RegExp][])(
  'absurd sizes are refused before memory is taken: %s',
  async (_, layers, message) => {
    expect(await complaint(layers)).toMatch(message);
  },
);

it('an absurd input is refused before memory is taken', async () => {
  expect(await complaint([flatten], [null, 1e6, 1e6, 1])).toMatch(
    /model-shape: .*\[(1000000, 1000000, 1|1e\+12|1000000000000)\]/,
  );
});
