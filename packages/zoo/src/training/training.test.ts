import { createHash } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  findRecipe,
  loadNetworks,
  openTrainingEngine,
  readCard,
  readTrainable,
  recipes,
  saveNetworks,
  syntheticDigits,
  type TrainingData,
  trainRecipe,
  varianceKept,
} from '@gauntlet/zoo';

beforeAll(() => openTrainingEngine('tfjs:wasm'));

function digits(count: number, seed: number): TrainingData {
  const source = syntheticDigits(count, seed);
  const images = new Float32Array(count * 784);
  for (let i = 0; i < count; i++) source.pixels(i).forEach((value, k) => (images[i * 784 + k] = value / 255));
  return { count, shape: source.shape, images, labels: source.labels };
}

/** One digest for each weight: comparing millions of numbers one by one takes longer than training them. */
const weights = (networks: Awaited<ReturnType<typeof loadNetworks>>) =>
  Promise.all(
    [networks.model, ...Object.values(networks.companions)].flatMap((network) =>
      network.getWeights().map(async (weight) => {
        const values = await weight.data();
        return `${weight.shape.join(' × ')}: ${createHash('sha256').update(values).digest('hex')}`;
      }),
    ),
  );

for (const recipe of recipes) {
  describe(recipe.name, () => {
    const data = digits(20, 0);
    const losses: number[] = [];
    const go = () =>
      trainRecipe(recipe, {
        data,
        test: digits(40, 1),
        epochs: 3,
        batchSize: 10,
        seed: 5,
        onEpoch: (_, loss) => losses.push(loss),
      });

    it('learns, and the same seed gives the same weights', async () => {
      const first = await go();
      const [begin, , end] = losses;
      expect(end).toBeLessThan(begin);
      const quality = first.testError ?? first.testAccuracy;
      expect(quality).toBeGreaterThan(0);
      expect(quality).toBeLessThan(1);
      const second = await go();
      expect(await weights(second.networks)).toEqual(await weights(first.networks));
    });

    it('is written with all that its training needs, and read back', async () => {
      const folder = path.join(mkdtempSync(path.join(tmpdir(), 'gauntlet-zoo-')), 'model');
      const networks = recipe.build([28, 28, 1], 3, 10);
      await saveNetworks(networks, folder, { architecture: recipe.name });
      expect(readCard(path.join(folder, 'model.json'))).toMatchObject({
        architecture: recipe.name,
        parameters: networks.model.countParams(),
      });
      const back = await loadNetworks(path.join(folder, 'model.json'));
      expect(Object.keys(back.companions)).toEqual(Object.keys(networks.companions));
      expect(await weights(back)).toEqual(await weights(networks));
    });
  });
}

it.each(recipes.filter(({ kind }) => kind === 'autoencoder').map(({ name }) => name))(
  '%s gives back the shape it gets, of colour images too',
  (name) => {
    for (const shape of [
      [28, 28, 1],
      [32, 32, 3],
    ] as [number, number, number][]) {
      const { model } = findRecipe(name).build(shape, 1, 0);
      expect(model.outputs[0].shape.slice(1)).toEqual(shape);
      const output = tf.tidy(() => (model.predict(tf.zeros([2, ...shape])) as tf.Tensor).dataSync());
      expect(output.every((value) => value >= 0 && value <= 1)).toBe(true);
    }
  },
);

it('takes 0 for a seed like any other, as TensorFlow.js does not', async () => {
  const recipe = findRecipe('adversarial-autoencoder');
  const go = () => trainRecipe(recipe, { data: digits(10, 0), epochs: 1, batchSize: 10, seed: 0 });
  const first = await weights((await go()).networks);
  expect(await weights((await go()).networks)).toEqual(first);
});

it('drops other units in every batch', () => {
  const recipe = findRecipe('mnist-classifier');
  const networks = recipe.build([28, 28, 1], 0, 10);
  const step = recipe.trainer(networks, 0);
  const dropout = networks.model.layers.find((layer) => layer.getClassName() === 'Dropout')!;
  const [x, y] = [tf.zeros<tf.Rank.R4>([2, 28, 28, 1]), tf.oneHot([1, 2], 10)];
  const dropped = () => {
    step(x, tf.cast(y, 'float32')).dispose();
    return tf.tidy(() => (dropout.apply(tf.ones([1, 200]), { training: true }) as tf.Tensor).dataSync());
  };
  const first = dropped();
  expect(first).toContain(0);
  expect(dropped()).not.toEqual(first);
});

it('says how much of the variance of images an autoencoder keeps', async () => {
  const data = digits(30, 0);
  const keeps = (factor: number) => {
    const kernelInitializer = tfl.initializers.constant({ value: factor });
    const scaling = tfl.layers.conv2d({
      filters: 1,
      kernelSize: 1,
      kernelInitializer,
      inputShape: data.shape,
    });
    return varianceKept(tfl.sequential({ layers: [scaling] }), data);
  };
  expect(await keeps(1)).toBeCloseTo(1, 5);
  expect(await keeps(0.5)).toBeCloseTo(0.25, 5);
  expect(await keeps(0)).toBe(0);
});

it('says which names there are', () => {
  expect(() => findRecipe('dense')).toThrow(
    /The zoo has no "dense"\..* It has: sparse-autoencoder, dense-auto/,
  );
});

it('refuses what cannot be trained', async () => {
  const data = digits(10, 0);
  const recipe = findRecipe('digits-classifier');
  await expect(trainRecipe(recipe, { data, batchSize: 11, seed: 0 })).rejects.toThrow(
    /10 images to train on, fewer than one batch of 11/,
  );
  await expect(
    trainRecipe(recipe, { data: { ...data, labels: undefined }, batchSize: 5, seed: 0 }),
  ).rejects.toThrow(/is a classifier, and the dataset has no labels/);
  expect(() => readTrainable('/nowhere')).toThrow(/model\.json cannot be loaded for training: ENOENT/);
});
