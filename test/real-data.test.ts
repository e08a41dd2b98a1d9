import { cpSync, readFileSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { type CellReport, Stream, tidyAsync } from '@gauntlet/api';
import { type DatasetConfig, openDataset, openEngine, openVictim, type VictimConfig } from '@gauntlet/core';
import { lowerModel } from '../packages/engine-onnx/src/lower/lower-model.js';
import { readModelFiles } from '@gauntlet/engine-tfjs/runtime';
import { gaussianBatch } from '@gauntlet/mutual-information';
import { writeModel } from '@gauntlet/onnx-gradient';
import { gauntlet, readReport, repository, temporary, writeSpec } from './support/cli.js';
import { engineEnvironment, starts } from './support/engines.js';
import { itWithRealData, shared } from './support/needs.js';
import { start } from './support/processes.js';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect } from 'vitest';

const mnist = (rest: object = {}) =>
  ({
    format: 'idx',
    images: shared('mnist/t10k-images-idx3-ubyte.gz'),
    labels: shared('mnist/t10k-labels-idx1-ubyte.gz'),
    ...rest,
  }) as DatasetConfig;
const classifier = {
  name: 'mnist',
  model: shared('models/mnist-classifier/model.json'),
  kind: 'classifier',
  bounds: [0, 1],
};
const expected = <T>(model: string) =>
  JSON.parse(readFileSync(shared('models', model, 'expected.json'), 'utf8')) as T;
const open = (victim: object, shape: [number, number, number]) =>
  openVictim({ engine: 'onnx:cpu', output: 'auto', preprocess: {}, ...victim } as VictimConfig, shape);

/** Runs attacks through the command line; gives the cells by attack name. */
async function cells(attacks: object[], rest: object, engine = 'auto'): Promise<Record<string, CellReport>> {
  const spec = writeSpec(temporary('real'), attacks, { victim: classifier, ...rest });
  const output = path.join(path.dirname(spec), 'out');
  const args = ['run', spec, '-j', '0', '--engine', engine, '--output', output];
  // What finds the GPU is read from the environment when a process starts, and TensorFlow is a library of its own.
  const { stderr } = /webgpu|tensorflow/.test(engine)
    ? await start(args, { env: engineEnvironment }).done
    : await gauntlet(...args);
  expect(stderr).toBe('');
  const report = readReport(output);
  // Every model of these tests can be lowered; loading compares it with TensorFlow.js.
  expect(report.victims[0].engine).toMatch(engine === 'auto' ? /^onnx:/ : engine);
  return Object.fromEntries(report.cells.map((cell) => [cell.attack, cell]));
}
const meanLoss = ({ outcomes }: CellReport) =>
  outcomes.reduce((sum, { loss, cleanLoss }) => sum + (loss ?? cleanLoss!), 0) / outcomes.length;
const value = (cell: CellReport, metric: keyof CellReport['metrics']) => cell.metrics[metric]?.value ?? NaN;

describe('the MNIST classifier', () => {
  itWithRealData('gives the logits and the clean accuracy of its training framework to 1e-3', async () => {
    const { logits, cleanAccuracyFirst1000 } = expected<{
      logits: number[][];
      cleanAccuracyFirst1000: number;
    }>('mnist-classifier');
    const data = await openDataset(mnist({ take: 1000 }), 0);
    const { victim } = await open(classifier, data.imageShape);
    const found = await tidyAsync(
      async () =>
        (await victim.predict(tf.tensor4d(await data.images(data.indices, [0, 1]), [1000, 28, 28, 1])))
          .logits,
    );
    const rows = await found.array();
    // The file has four decimals.
    logits.forEach((row, i) =>
      row.forEach((logit, k) => expect(Math.abs(rows[i][k] - logit)).toBeLessThan(1e-3)),
    );
    const labels = data.labels(data.indices)!;
    const hits = rows.filter((row, i) => row.indexOf(Math.max(...row)) === labels[i]).length;
    expect(Math.abs(hits / 1000 - cleanAccuracyFirst1000)).toBeLessThan(1e-3);
  });

  /** The same model as an ONNX file: what an exporter would write. */
  const asOnnx = async () => {
    const file = path.join(temporary('onnx'), 'mnist.onnx');
    await openEngine('tfjs:cpu');
    const { artifacts } = await readModelFiles(classifier.model);
    const model = await tfl.loadLayersModel({ load: async () => artifacts });
    writeModel((await lowerModel(model, { inputShape: [28, 28, 1] })).graph, file);
    return { ...classifier, model: file };
  };
  const steps = (epsilon: number) => ({
    steps: 40,
    restarts: 1,
    stepSize: epsilon / 10,
    randomStart: false,
    keepImproving: true,
    epsilon,
  });
  /** Known attack → [parameters, ASR, mean cross-entropy]. */
  const known: Record<string, [attack: object, asr: number, loss: number]> = {
    'fgsm 0.05': [{ use: 'fgsm', params: { epsilon: 0.05 } }, 0.03, 0.067],
    'fgsm 0.3': [{ use: 'fgsm', params: { epsilon: 0.3 } }, 0.85, 4.114],
    'pgd 0.05': [{ use: 'pgd', params: steps(0.05) }, 0.03, 0.089],
    'pgd 0.3': [{ use: 'pgd', params: steps(0.3) }, 1, 13.848],
    'pgd l2 1': [{ use: 'pgd', params: { ...steps(1), norm: 'l2' } }, 0.11, 0.407],
  };
  const expectKnown = async (
    engine: string,
    names: string[],
    victim: object = classifier,
    tolerance = 0.02,
  ) => {
    const attacks = names.map((name) => ({ name, ...known[name][0] }));
    const found = await cells(attacks, { victim, dataset: mnist({ take: 100 }) }, engine);
    for (const name of names) {
      const [, asr, loss] = known[name];
      expect(Math.abs(value(found[name], 'asr') - asr), `${name}: ASR`).toBeLessThanOrEqual(0.01 + 1e-9);
      expect(Math.abs(meanLoss(found[name]) / loss - 1), `${name}: cross-entropy`).toBeLessThan(tolerance);
    }
  };
  const all = Object.keys(known);
  const onEngine = (engine: string, names: string[], tolerance?: number) =>
    itWithRealData(
      `gives the known answers on ${engine} (${names.join(', ')}): 1 point of ASR, 2 % of mean cross-entropy`,
      () => expectKnown(engine, names, undefined, tolerance),
      300_000,
    );
  onEngine('onnx:cpu', all);
  // That engines agree is what test/engines.test.ts shows; here, one attack of one step and one of many in L2.
  const some = ['fgsm 0.3', 'pgd l2 1'];
  onEngine('tfjs:wasm', some);
  // Minutes for the rest.
  onEngine('tfjs:cpu', all.slice(0, 1));
  if (starts('tfjs:tensorflow')) onEngine('tfjs:tensorflow', some);
  // Its maximum pool shares the gradient among equal cells, and MNIST's background is full of them.
  if (starts('onnx:webgpu')) onEngine('onnx:webgpu', all.slice(0, 1), 0.05);
  itWithRealData('gives the known answers as an .onnx file', async () =>
    expectKnown('onnx:cpu', some, await asOnnx()),
  );

  itWithRealData(
    'keeps more mutual information at a smaller L2 under MinMax on the Gaussian estimate than on MINE, and under both than under PGD',
    async () => {
      const found = await cells(
        [
          {
            use: 'pgd',
            params: {
              epsilon: 0.3,
              steps: 40,
              restarts: 1,
              stepSize: 0.03,
              randomStart: false,
              keepImproving: true,
            },
          },
          { use: 'minmax', name: 'gaussian', params: { similarity: 'gaussian', iterations: 150 } },
          { use: 'minmax', name: 'fast', params: { similarity: 'fast', iterations: 300 } },
        ],
        { dataset: mnist({ take: 10 }) },
      );
      for (const cell of Object.values(found)) expect(value(cell, 'asr')).toBe(1);
      expect(value(found.gaussian, 'mi')).toBeGreaterThan(value(found.fast, 'mi') + 0.5);
      expect(value(found.gaussian, 'l2')).toBeLessThan(value(found.fast, 'l2'));
      expect(value(found.fast, 'mi')).toBeGreaterThan(value(found.pgd, 'mi') + 2);
      // What the attack says of itself is what the referee finds, where both use the same estimate.
      expect(value(found.gaussian, 'mi.own')).toBeCloseTo(value(found.gaussian, 'mi'), 3);
    },
  );

  itWithRealData(
    'shows the paper’s order of MinMax and penalty on their own MINE, at equal estimator, steps and ASR',
    async () => {
      const found = await cells(
        [
          { use: 'minmax', params: { similarity: 'fast', iterations: 720 } },
          { use: 'penalty', params: { similarity: 'fast', searches: 6, iterations: 120, mineSteps: 1 } },
        ],
        { dataset: mnist({ take: 8 }) },
      );
      expect([value(found.minmax, 'asr'), value(found.penalty, 'asr')]).toEqual([1, 1]);
      expect(value(found.minmax, 'mi.own')).toBeGreaterThan(value(found.penalty, 'mi.own'));
    },
  );
});

describe('examples/mnist', () => {
  itWithRealData('runs on files put where its README says, and passes', async () => {
    const folder = temporary('example');
    cpSync(path.join(repository, 'examples/mnist/mnist.robust.yaml'), path.join(folder, 'mnist.robust.yaml'));
    symlinkSync(shared('mnist'), path.join(folder, 'data'));
    const { code, stderr } = await gauntlet('run', folder, '-j', '0');
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(readReport(path.join(folder, 'gauntlet-report/mnist')).cells.map(({ attack }) => attack)).toEqual([
      'noise',
      'pgd',
      'minmax',
      'penalty',
    ]);
  });
});

describe('models by other people run without being edited', () => {
  itWithRealData('mnist-dnn-tfjs: dense, flat input, softmax layer; 97.46 % of the test images', async () => {
    const victim = {
      name: 'dnn',
      model: shared('models/mnist-dnn-tfjs/mnist_dnn.json'),
      kind: 'classifier',
      bounds: [0, 1],
    };
    const { still } = await cells([{ use: 'noise', name: 'still', params: { epsilon: 0 } }], {
      victim,
      dataset: mnist(),
    });
    expect(value(still, 'cleanAccuracy')).toBeCloseTo(0.9746, 6);
    const found = await cells(
      [
        { use: 'pgd', params: { epsilon: 0.1 } },
        { use: 'minmax', params: { iterations: 40, sampling: 'random-sampling' } },
      ],
      { victim, dataset: mnist({ take: 20 }) },
    );
    expect(value(found.pgd, 'asr')).toBe(1);
    expect(value(found.minmax, 'asr')).toBe(1);
    expect(value(found.minmax, 'mi')).toBeGreaterThan(0);
  });

  itWithRealData(
    'cifar10-cnn-tfjs: batch normalisation, softmax layer; 812 of 1017 test images',
    async () => {
      const victim = {
        name: 'cnn',
        model: shared('models/cifar10-cnn-tfjs/cifar10_cnn.json'),
        kind: 'classifier',
        bounds: [0, 1],
      };
      const dataset = { format: 'cifar10', files: shared('cifar10/test_batch.bin') };
      const { still } = await cells([{ use: 'noise', name: 'still', params: { epsilon: 0 } }], {
        victim,
        dataset,
      });
      expect(value(still, 'cleanAccuracy')).toBeCloseTo(812 / 1017, 6);
      const found = await cells([{ use: 'pgd', params: { epsilon: 8 / 255, steps: 10, restarts: 1 } }], {
        victim,
        dataset: { ...dataset, take: 20 },
      });
      expect(value(found.pgd, 'asr')).toBe(1);
    },
  );

  itWithRealData('mnist-conv-ae: an autoencoder, with its reconstruction errors', async () => {
    const { meanSquaredErrorPerImageFirst100: errors } = expected<{
      meanSquaredErrorPerImageFirst100: number[];
    }>('mnist-conv-ae');
    const victim = {
      name: 'ae',
      model: shared('models/mnist-conv-ae/model.json'),
      kind: 'autoencoder',
      bounds: [0, 1],
    };
    const { noise } = await cells([{ use: 'noise', params: { epsilon: 0.05 } }], {
      victim,
      dataset: mnist({ take: 100 }),
    });
    noise.outcomes.forEach(({ cleanLoss }, i) =>
      expect(Math.abs(cleanLoss! / 784 - errors[i])).toBeLessThan(2e-6),
    );
    expect(noise.outcomes.every(({ status }) => status === 'held' || status === 'broken')).toBe(true);
  });
});

describe('the yardstick', () => {
  itWithRealData('orders itself, growing noise, another image on at least 95 % of real images', async () => {
    const n = 100;
    const data = await openDataset(mnist({ take: n }), 0);
    const { victim } = await open(classifier, data.imageShape);
    const images = await data.images(data.indices, [0, 1]);
    const block = async (values: Float32Array) => {
      const { preactivation, features } = await victim.features(tf.tensor4d(values, [n, 28, 28, 1]));
      features.dispose();
      return { data: (await preactivation.data()) as Float32Array, n, positions: 26 * 26, channels: 32 };
    };
    const stream = new Stream('noise');
    const noisy = (sigma: number) =>
      images.map((pixel) => Math.min(1, Math.max(0, pixel + sigma * stream.normal())));
    const next = Float32Array.from([...images.subarray(784), ...images.subarray(0, 784)]);
    const clean = await block(images);
    const series: Float64Array[] = [gaussianBatch(clean, clean)];
    for (const sigma of [0.05, 0.1, 0.3, 0.6]) series.push(gaussianBatch(clean, await block(noisy(sigma))));
    series.push(gaussianBatch(clean, await block(next)));
    const ordered = Array.from({ length: n }, (_, i) =>
      series.every((one, k) => k === 0 || one[i] < series[k - 1][i]),
    );
    expect(ordered.filter(Boolean).length).toBeGreaterThanOrEqual(95);
    // Published means (40 images): 11.62, 9.65, 7.29, 2.69, 0.90, 0.26 nats.
    const means = series.map((one) => one.reduce((a, b) => a + b, 0) / n);
    [11.62, 9.65, 7.29, 2.69, 0.9, 0.26].forEach((mean, k) =>
      expect(Math.abs(means[k] - mean)).toBeLessThan(0.1),
    );
  });
});

describe('real files of every format', () => {
  itWithRealData('SVHN, CIFAR-10 and Fashion-MNIST have the published labels and brightness', async () => {
    const mean = (values: Float32Array) => values.reduce((a, b) => a + b, 0) / values.length;
    const svhn = await openDataset({ format: 'svhn', file: shared('svhn/train_32x32.mat') }, 0);
    expect([svhn.indices.length, svhn.imageShape]).toEqual([883, [32, 32, 3]]);
    expect([...svhn.labels([0, 1, 2])!]).toEqual([1, 9, 2]);
    const cifar = await openDataset(
      { format: 'cifar10', files: [1, 2, 3, 4, 5].map((k) => shared(`cifar10/data_batch_${k}.bin`)) },
      0,
    );
    expect(cifar.indices.length).toBe(8068);
    // CIFAR-10's training mean is 0.473 over all channels.
    expect(mean(await cifar.images(cifar.indices, [0, 1]))).toBeCloseTo(0.473, 2);
    const fashion = await openDataset(
      {
        format: 'idx',
        images: shared('fashion-mnist/train-images-idx3-ubyte.gz'),
        labels: shared('fashion-mnist/train-labels-idx1-ubyte.gz'),
        classes: [9],
        take: 6000,
      },
      0,
    );
    expect(fashion.indices.length).toBe(6000);
    // MNIST's training mean is 0.1307.
    const digits = await openDataset(
      {
        format: 'idx',
        images: shared('mnist/train-images-idx3-ubyte.gz'),
        labels: shared('mnist/train-labels-idx1-ubyte.gz'),
      },
      0,
    );
    expect(mean(await digits.images(digits.indices, [0, 1]))).toBeCloseTo(0.1307, 3);
  });
});
