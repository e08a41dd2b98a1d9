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

const folder = temporary('multi-label');
const [n, labels, patch] = [12, 3, 16];
const size = labels * patch;
const weight = 4;
/** How far the mean of each image's patch of a label is from 0.5, beyond which the label is true. It flips within ε if less than ε. */
const distanceOf = (i: number, j: number) => 0.03 + 0.02 * ((i * i + 3 * j + i * j) % 9);
const isTrue = (i: number, j: number) => (i >> j) % 2;

/** Images [n, 4, 12, 1], and of the first one the truth of the last label is not what the model says. */
function arrays() {
  const stream = new Stream('multi-label');
  const x = new Float32Array(n * size);
  const y = new Uint8Array(n * labels);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < labels; j++) {
      const mean = 0.5 + (isTrue(i, j) ? 1 : -1) * distanceOf(i, j);
      const noise = Array.from({ length: patch / 2 }, () => stream.uniform(-0.1, 0.1));
      [...noise, ...noise.map((value) => -value)].forEach((value, k) => {
        x[i * size + j * patch + k] = mean + value;
      });
      y[i * labels + j] = i === 0 && j === 2 ? 1 - isTrue(i, j) : isTrue(i, j);
    }
  return { x: { shape: [n, 4, 12, 1], data: x }, y: { shape: [n, labels], data: y } };
}

function dataset(): Record<string, unknown> {
  const file = path.join(folder, 'data.npz');
  writeFileSync(file, npzBytes(arrays()));
  return { file, format: 'npz' };
}

const weights = () =>
  Float32Array.from({ length: size * labels }, (_, i) =>
    Math.floor(Math.floor(i / labels) / patch) === i % labels ? weight : 0,
  );

/** z = 4 Σ (x − 0.5) over the patch of each label; ends in a sigmoid, a softmax or nothing. */
function onnxFile(end: 'Sigmoid' | 'Softmax' | undefined, name: string): string {
  return writeOnnx(path.join(folder, `${name}.onnx`), input('batch', 1, 4, 12), (g) => {
    const w = g.filled('float32', [size, labels], weights());
    const b = g.filled('float32', [labels], new Float32Array(labels).fill((-weight * patch) / 2));
    const logits = g.op('Gemm', [g.op('Flatten', ['input']), w, b]);
    return end ? g.op(end, [logits]) : logits;
  });
}

async function tfjsModel(): Promise<string> {
  const model = tfl.sequential();
  model.add(tfl.layers.flatten({ inputShape: [4, 12, 1] }));
  model.add(tfl.layers.dense({ units: labels, activation: 'sigmoid', name: 'dense' }));
  model
    .getLayer('dense')
    .setWeights([
      tf.tensor2d(weights(), [size, labels]),
      tf.tensor1d(new Float32Array(labels).fill((-weight * patch) / 2)),
    ]);
  await saveModel(model, path.join(folder, 'tfjs'), {});
  return path.join(folder, 'tfjs/model.json');
}

const victim = { kind: 'classifier', bounds: [0, 1], multiLabel: true };
const epsilon = 0.08;
const two = { use: 'hamming', params: { labels: 2 } };
const share = { use: 'hamming', params: { share: 2 / 3 } };

beforeAll(async () => {
  await openEngine('tfjs:wasm');
});

it.each([
  ['an ONNX file that ends in sigmoids', () => onnxFile('Sigmoid', 'sigmoids'), 'onnx:cpu'],
  ['one that gives logits', () => onnxFile(undefined, 'logits'), 'onnx'],
  ['a TensorFlow.js model', tfjsModel, 'tfjs:wasm'],
])('%s: attacks break just the samples with enough labels within epsilon', async (_, write, engine) => {
  const pgd = { epsilon, steps: 10, stepSize: 0.02, restarts: 1 };
  const spec = writeSpec(
    folder,
    [
      { use: 'pgd', params: pgd },
      { use: 'apgd', name: 'any apgd', criterion: 'any-label', params: { epsilon, steps: 10, loss: 'goal' } },
      { use: 'pgd', name: 'two pgd', criterion: two, params: pgd },
      { use: 'apgd', name: 'two apgd', criterion: share, params: { epsilon, steps: 10 } },
      // Searches what holds to the end of its queries, which takes most of the time.
      ...(engine === 'onnx:cpu'
        ? [{ use: 'standard', name: 'two standard', criterion: two, params: { epsilon } }]
        : []),
      {
        use: 'minmax',
        name: 'two minmax',
        criterion: two,
        params: { epsilon, similarity: 'gaussian', iterations: 40 },
      },
      { use: 'square', name: 'any square', params: { epsilon, queries: 300 } },
      { use: 'square', name: 'two square', criterion: two, params: { epsilon, queries: 300 } },
    ],
    { victim: { ...victim, model: await write(), engine }, dataset: dataset() },
    `${engine.slice(0, 4)}.robust.json`,
  );
  const output = path.join(folder, engine.slice(0, 4));
  const { code, stdout, stderr } = await gauntlet('run', spec, '-j', '0', '--output', output);
  expect(code, stdout + stderr).toBe(0);
  const { victims, cells } = readReport(output);
  expect(victims[0]).toMatchObject({ classes: 3, multiLabel: true, outputScale: 'logits' });
  // The first image is wrong before any attack: 11 are attacked.
  const within = (m: number) =>
    Array.from({ length: n - 1 }, (_, i) => i + 1).filter(
      (i) =>
        Array.from({ length: labels }, (_, j) => distanceOf(i, j)).filter((d) => d < epsilon).length >= m,
    );
  expect(within(1).length).toBeGreaterThan(within(2).length);
  expect(within(2).length).toBeGreaterThan(0);
  for (const { attack, metrics, outcomes, criterion } of cells) {
    const [m, name] = attack.startsWith('two') ? [2, 'hamming'] : [1, 'any-label'];
    expect(criterion, attack).toBe(name);
    expect(metrics.cleanAccuracy, attack).toMatchObject({ value: (n - 1) / n, n });
    expect(metrics.cleanHammingLoss!.value, attack).toBeCloseTo(1 / (n * labels), 6);
    const broken = outcomes.filter(({ status }) => status === 'broken').map(({ index }) => index);
    if (attack.endsWith('square')) {
      expect(within(m), attack).toEqual(expect.arrayContaining(broken));
      expect(broken.length, attack).toBeGreaterThan(0);
    } else expect(broken, attack).toEqual(within(m));
    for (const { index, status, hamming, predictions, labels: truth } of outcomes) {
      if (index === 0) expect([status, truth], attack).toEqual(['skipped', [2]]);
      else expect(hamming! * labels >= m - 1e-9, `${attack} ${index}`).toBe(status === 'broken');
      if (status === 'held' && m === 1) expect(predictions, attack).toEqual(truth);
    }
  }
});

it('says which labels flipped, in the page and in the terminal', async () => {
  const spec = writeSpec(
    folder,
    [{ use: 'pgd', params: { epsilon, steps: 10, restarts: 1 } }],
    { victim: { ...victim, model: onnxFile('Sigmoid', 'page') }, dataset: dataset() },
    'page.robust.json',
  );
  const output = path.join(folder, 'page');
  const { stdout } = await gauntlet(
    'run',
    spec,
    '-j',
    '0',
    '--output',
    output,
    '--reporter',
    'terminal,html',
  );
  expect(stdout).toMatch(/Hamming/);
  const { readFileSync } = await import('node:fs');
  expect(readFileSync(path.join(output, 'report.html'), 'utf8')).toMatch(
    /of 3 labels[\s\S]*\{0, 1\}[^<]* → \{/,
  );
});

const oneLabel = () => {
  const file = path.join(folder, 'one-label.npz');
  const { x } = arrays();
  writeFileSync(
    file,
    npzBytes({ x, y: { shape: [n], data: Int32Array.from({ length: n }, (_, i) => i % 3) } }),
  );
  return { file, format: 'npz' };
};
const fgsm = { use: 'fgsm', params: { epsilon } };

it.each([
  [
    'data with one label',
    {},
    oneLabel,
    [fgsm],
    /is multi-label, and the dataset has one class for each image.*\[n, 3\]/,
  ],
  [
    'data with several labels for a classifier with one',
    { multiLabel: false },
    dataset,
    [fgsm],
    /one label, and the dataset has several for an image: labels \[n, 3\] of 0 and 1.*multiLabel: true/,
  ],
  [
    'a criterion of several labels for a classifier with one',
    { multiLabel: false },
    oneLabel,
    [{ ...fgsm, criterion: two }],
    /refused\.robust\.json:\d+:\d+: The criterion hamming judges the decisions of a multi-label victim, and .* gives one class/,
  ],
  [
    'a criterion of one class',
    {},
    dataset,
    [{ ...fgsm, criterion: { use: '#other', params: { groups: [0, 1, 0] } } }],
    /goes by one class for each image, and .* is multi-label. Write criterion: any-label, or hamming/,
  ],
  [
    'an attack that goes by classes',
    {},
    dataset,
    [{ use: 'deepfool' }],
    /deepfool goes by one class for each image/,
  ],
  [
    'a loss of classes',
    {},
    dataset,
    [{ use: 'pgd', params: { epsilon, loss: 'ce' } }],
    /loss: ce.*Write "loss: goal"/,
  ],
  [
    'a target',
    {},
    dataset,
    [{ use: 'pgd', params: { epsilon, target: 1 } }],
    /is multi-label: its labels do not exclude/,
  ],
  [
    'more flips than labels',
    {},
    dataset,
    [{ ...fgsm, criterion: { use: 'hamming', params: { labels: 4 } } }],
    /asks for 4 labels, and there are 3/,
  ],
] as const)('refuses %s', async (_, other, data, attacks, message) => {
  const repository = path.resolve(import.meta.dirname, '..');
  const given = JSON.parse(
    JSON.stringify(attacks).replace(
      '#other',
      path.join(repository, 'examples/plugins/criterion/other-group.mjs'),
    ),
  ) as object[];
  const spec = writeSpec(
    folder,
    given,
    { victim: { ...victim, ...other, model: onnxFile(undefined, 'refused') }, dataset: data() },
    'refused.robust.json',
  );
  const { code, stdout, stderr } = await gauntlet(
    'run',
    spec,
    '-j',
    '0',
    '--output',
    path.join(folder, 'refused'),
  );
  expect(code, stdout + stderr).not.toBe(0);
  expect(stdout + stderr).toMatch(message);
  expect(stdout + stderr).not.toMatch(/ at .*\.ts:\d+/);
});

it('refuses a softmax', async () => {
  const spec = writeSpec(
    folder,
    [fgsm],
    { victim: { ...victim, model: onnxFile('Softmax', 'softmax') }, dataset: dataset() },
    'softmax.robust.json',
  );
  const { code, stderr } = await gauntlet('run', spec, '-j', '0', '--output', path.join(folder, 'softmax'));
  expect(code).toBe(2);
  expect(stderr).toMatch(/ends in a softmax.*multiLabel: true/);
});

it('corruptions are counted over all samples, a sample wrong where any label is', async () => {
  const params = { kinds: ['brightness', 'gaussian-noise'], severities: [1, 5], parameters: 'cifar' };
  const spec = writeSpec(
    folder,
    [{ use: 'corruptions', params, expect: { mCE: { min: 0.01 } } }],
    {
      victim: { ...victim, model: onnxFile('Sigmoid', 'corrupted'), engine: 'onnx:cpu' },
      dataset: dataset(),
    },
    'corrupted.robust.json',
  );
  const output = path.join(folder, 'corrupted');
  const { code, stdout, stderr } = await gauntlet('run', spec, '-j', '0', '--output', output);
  expect(code, stdout + stderr).toBe(0);
  const [{ metrics, outcomes }] = readReport(output).cells;
  const mean = (values: readonly number[]) => values.reduce((sum, one) => sum + one, 0) / values.length;
  const wrong = outcomes.map(({ status, corrupted, corruptedHamming }) => {
    expect(corrupted).toBeUndefined();
    const all = Object.values(corruptedHamming!).flatMap((levels) => Object.values(levels));
    expect(all).toHaveLength(4);
    if (status !== 'skipped') expect(all.some((one) => one > 0)).toBe(status === 'broken');
    return mean(all.map((one) => Number(one > 0)));
  });
  expect(metrics.mCE).toMatchObject({ n });
  expect(metrics.mCE!.value).toBeCloseTo(mean(wrong), 9);
});
