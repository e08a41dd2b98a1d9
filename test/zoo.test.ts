import { readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { openEngine } from '@gauntlet/core';
import { openTrainingEngine, recipes, saveModel } from '@gauntlet/zoo';
import { gauntlet, readReport, temporary, writeSpec } from './support/cli.js';

describe('gauntlet zoo', () => {
  const trainDense = (out: string, epochs: number) =>
    gauntlet(
      ...['zoo', 'train', 'dense-autoencoder', '--out', out, '--epochs', String(epochs)],
      ...['--dataset', '{ format: plugin, use: digits, take: 100 }'],
      ...['--batch-size', '10', '--seed', '4', '--engine', 'tfjs:wasm'],
    );

  it('trains an autoencoder that a spec can name', async () => {
    const folder = temporary('zoo');
    const out = path.join(folder, 'dense');
    const { code, stdout, stderr } = await trainDense(out, 12);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /epoch 12\/12: loss [\d.]+, about 0 s left\nmean squared error [\d.]+ on 10 test images/,
    );
    const card = JSON.parse(readFileSync(path.join(out, 'card.json'), 'utf8')) as object;
    expect(card).toMatchObject({
      architecture: 'dense-autoencoder',
      data: { name: 'digits', images: 90 },
      test: { images: 10, meanSquaredError: expect.any(Number), varianceKept: expect.any(Number) },
      training: { epochs: 12, batchSize: 10, seed: 4, engine: 'tfjs:wasm' },
      madeBy: expect.stringContaining('gauntlet zoo train dense-autoencoder'),
    });
    const victim = { model: out, kind: 'autoencoder', bounds: [0, 1] };
    const spec = writeSpec(folder, [{ use: 'gaussian', params: { sigma: 0.1 } }], { victim });
    expect((await gauntlet('run', spec, '--output', folder, '-j', '0')).code).toBe(0);
    expect(readReport(folder).victims[0]).toMatchObject({ name: 'test', kind: 'autoencoder' });
  });

  it('says where an autoencoder has collapsed, and writes it all the same', async () => {
    const out = path.join(temporary('zoo'), 'dense');
    const { code, stderr } = await trainDense(out, 1);
    expect(stderr).toMatch(/has collapsed: .*its outputs have [\d.]+ % of the variance of the test images/);
    expect(code).toBe(0);
    const card = JSON.parse(readFileSync(path.join(out, 'card.json'), 'utf8')) as object;
    expect(card).toMatchObject({ training: { epochs: 1 } });
  });

  it('says what is wrong', async () => {
    const complaint = async (...args: string[]) => {
      const { code, stderr } = await gauntlet('zoo', 'train', ...args, '--out', temporary('zoo'));
      expect(code).toBe(2);
      return stderr;
    };
    expect(await complaint('dense', '--dataset', 'digits')).toMatch(/The zoo has no "dense"/);
    const dense = 'dense-autoencoder';
    expect(await complaint(dense, '--dataset', 'digit')).toMatch(
      /There is no plugin "digit"\. Did you mean "digits"\?/,
    );
    expect(await complaint(dense, '--dataset', '{ format: idx, images: ./no.gz }')).toMatch(
      /there is no file .*no\.gz/,
    );
    expect(await complaint(dense, '--dataset', '{ format: idx')).toMatch(/it is no YAML/);
    expect(await complaint(dense, '--dataset', '{ format: idx, image: x }')).toMatch(
      /There is no option "image"/,
    );
    expect(await complaint(dense, '--dataset', 'digits', '--epochs', '0')).toMatch(
      /--epochs must be an integer/,
    );
    expect(await complaint(dense, '--dataset', 'digits', '--engine', 'onnx:cpu')).toMatch(
      /onnx:cpu does not train/,
    );
    expect(await complaint(dense, '--dataset', '{ format: plugin, use: digits, take: 50 }')).toMatch(
      /There are 45 images to train on, fewer than one batch of 100/,
    );
  });
});

describe('every architecture of the zoo', () => {
  beforeAll(() => openTrainingEngine('tfjs:wasm'));

  it.each(recipes.map(({ name }) => name))('%s runs on ONNX Runtime', async (name) => {
    const folder = path.join(temporary('zoo'), 'model');
    await openTrainingEngine('tfjs:wasm');
    const recipe = recipes.find((one) => one.name === name)!;
    await saveModel(recipe.build([28, 28, 1], 1, 10).model, folder, {});
    // Loading compares it with TensorFlow.js.
    const model = await (
      await openEngine('onnx:cpu')
    ).load({ path: folder, output: recipe.kind === 'autoencoder' ? 'raw' : 'auto' });
    expect([model.engine, model.notes]).toEqual(['onnx:cpu', []]);
    model.dispose();
  });
});
