import { writeFileSync } from 'node:fs';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { beforeAll, expect, it } from 'vitest';
import { Stream } from '@gauntlet/api';
import { npzBytes, openEngine } from '@gauntlet/core';
import { saveModel } from '@gauntlet/zoo';
import { gauntlet, readReport, temporary, writeSpec } from './support/cli.js';
import { input, writeOnnx } from './support/onnx-file.js';

const folder = temporary('binary');
const [n, size] = [12, 16];
/** Class 1 is brighter than 0.5 on average: z = 4 Σ (x − 0.5), which flips within ε where |mean − 0.5| < ε. */
const [weight, bias] = [4, -4 * size * 0.5];
/** Distances of the mean of each image from 0.5. */
const distances = Array.from({ length: n }, (_, i) => 0.02 * (1 + Math.floor(i / 2)));
const labels = Int32Array.from({ length: n }, (_, i) => i % 2);

function dataset() {
  const stream = new Stream('binary');
  const images = Float32Array.from({ length: n * size }, () => 0);
  for (let i = 0; i < n; i++) {
    const noise = Array.from({ length: size / 2 }, () => stream.uniform(-0.1, 0.1));
    const mean = 0.5 + (labels[i] ? 1 : -1) * distances[i];
    [...noise, ...noise.map((value) => -value)].forEach((value, k) => (images[i * size + k] = mean + value));
  }
  const file = path.join(folder, 'data.npz');
  writeFileSync(
    file,
    npzBytes({ x: { shape: [n, 4, 4, 1], data: images }, y: { shape: [n], data: labels } }),
  );
  return file;
}

/** Ends in a sigmoid; [n, 1]. */
function onnxFile(): string {
  return writeOnnx(path.join(folder, 'binary.onnx'), input('batch', 1, 4, 4), (g) => {
    const filled = (dims: number[], value: number) =>
      g.filled('float32', dims, new Float32Array(dims[0]).fill(value));
    const flat = g.op('Flatten', ['input']);
    return g.op('Sigmoid', [g.op('Gemm', [flat, filled([size, 1], weight), filled([1], bias)])]);
  });
}

async function tfjsModel(): Promise<string> {
  const model = tfl.sequential();
  model.add(tfl.layers.flatten({ inputShape: [4, 4, 1] }));
  model.add(tfl.layers.dense({ units: 1, activation: 'sigmoid', name: 'dense' }));
  model.getLayer('dense').setWeights([tf.fill([size, 1], weight), tf.tensor1d([bias])]);
  await saveModel(model, path.join(folder, 'tfjs'), {});
  return path.join(folder, 'tfjs/model.json');
}

beforeAll(async () => {
  await openEngine('tfjs:wasm');
});

it.each([
  ['an ONNX file', onnxFile, 'onnx:cpu'],
  ['a TensorFlow.js model', tfjsModel, 'tfjs:wasm'],
])('a binary classifier is attacked through its one output: %s', async (_, write, engine) => {
  const epsilon = 0.07;
  const spec = writeSpec(
    folder,
    [
      { use: 'fgsm', params: { epsilon } },
      { use: 'pgd', params: { epsilon, steps: 10, restarts: 1 } },
      { use: 'pgd', name: 'margin', params: { epsilon, steps: 10, restarts: 1, loss: 'margin' } },
      { use: 'apgd', params: { epsilon, steps: 10, loss: 'ce' } },
      { use: 'apgd-t', params: { epsilon, steps: 10 } },
      { use: 'square', params: { epsilon, queries: 300 } },
    ],
    {
      victim: { model: await write(), kind: 'classifier', bounds: [0, 1], engine },
      dataset: { file: dataset(), format: 'npz', imagesKey: 'x', labelsKey: 'y' },
    },
    `${engine.slice(0, 4)}.robust.json`,
  );
  const output = path.join(folder, engine.slice(0, 4));
  const { code, stderr } = await gauntlet('run', spec, '-j', '0', '--output', output);
  expect(code, stderr).toBe(0);
  const { victims, cells } = readReport(output);
  expect(victims[0]).toMatchObject({ classes: 2, outputScale: 'logits' });
  // Of an image at a distance from the boundary, exactly those nearer than epsilon can be broken.
  const breakable = distances.filter((distance) => distance < epsilon).length / n;
  for (const { attack, metrics } of cells) {
    expect(metrics.cleanAccuracy!.value, attack).toBe(1);
    // Square searches at random, and may miss those that are nearly too far.
    if (attack === 'square') expect(metrics.asr!.value).toBeLessThanOrEqual(breakable);
    else expect(metrics.asr!.value, attack).toBeCloseTo(breakable, 6);
    expect(metrics.asr!.value, attack).toBeGreaterThan(0);
  }
});
