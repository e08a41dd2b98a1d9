import path from 'node:path';
import { tf } from '@gauntlet/api';
import { readNpz } from '@gauntlet/core';
import {
  chooseTrainingEngine,
  concatenate,
  findRecipe,
  loadNetworks,
  openTrainingEngine,
  reconstructionError,
  train,
} from '@gauntlet/zoo';
import { images } from '../datasets.mjs';
import { perturbedFile } from './attack.mjs';
import { modelOf } from './train.mjs';
import { varianceOn } from './variance.mjs';

const unlabelled = async (given) => ({ ...(await images(given)), labels: undefined });

/** Perturbed images that steps have kept, in one set; the model is to give back the clean original of each. */
async function perturbedSet(store, attacks, clean) {
  const size = clean.images.length / clean.count;
  const parts = await Promise.all(
    attacks.map(async ({ id }) => {
      const archive = await readNpz(path.join(store.work(id), perturbedFile));
      return { x: archive('x').data, index: archive('index').data };
    }),
  );
  const count = parts.reduce((sum, { index }) => sum + index.length, 0);
  const set = { ...clean, count, images: new Float32Array(count * size) };
  set.targets = new Float32Array(count * size);
  let row = 0;
  for (const { x, index } of parts) {
    set.images.set(x, row * size);
    for (const original of index)
      set.targets.set(clean.images.subarray(original * size, (original + 1) * size), row++ * size);
  }
  return set;
}

/**
 * Trains a model on with what some attack steps made added to all training images, or with nothing added, for a number
 * of steps, and measures it on the test images.
 */
export function retrainStep({ id, about, cost, sets, trained, attacks, steps }) {
  const { architecture, seed } = about;
  return {
    id,
    about,
    cost,
    needs: [trained, ...attacks],
    async run({ store }) {
      const engine = await chooseTrainingEngine();
      await openTrainingEngine(engine);
      const networks = await loadNetworks(modelOf(store, trained));
      const recipe = findRecipe(architecture);
      const clean = await unlabelled(sets.train);
      const set = attacks.length > 0 ? concatenate(clean, await perturbedSet(store, attacks, clean)) : clean;
      const { batchSize } = recipe;
      await train(recipe.trainer(networks, seed), set, { epochs: 0, steps, batchSize, seed });
      const test = await unlabelled(sets.test);
      const testError = await reconstructionError(networks.model, test);
      const variance = await varianceOn(networks.model, { sets, tested: test.count });
      tf.disposeVariables();
      return { engine, steps, added: set.count - clean.count, tested: test.count, testError, variance };
    },
  };
}
