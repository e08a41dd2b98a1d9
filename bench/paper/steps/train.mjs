import path from 'node:path';
import { tf } from '@gauntlet/api';
import {
  adversarialAutoencoderWith,
  chooseTrainingEngine,
  findRecipe,
  loadNetworks,
  openTrainingEngine,
  saveNetworks,
  trainRecipe,
} from '@gauntlet/zoo';
import { images } from '../datasets.mjs';

const decimals = 10_000;
const model = 'model.json';

/**
 * The paper's architecture, trained by the zoo on the first `count` training images.
 * @param {{ codes?: import('@gauntlet/zoo').Codes }} task `codes`: of an adversarial autoencoder, others than the paper's
 */
export function trainStep({ dataset, sets, count, architecture, seed, epochs, codes }) {
  const recipe = codes ? adversarialAutoencoderWith(codes) : findRecipe(architecture);
  const about = { dataset, architecture, seed, epochs: epochs ?? recipe.epochs, images: count, codes };
  const variant = codes ? `-${codes.latent}-${codes.prior}` : '';
  return {
    id: `train-${architecture}${variant}-${count}-images-${about.epochs}-epochs-seed-${seed}`,
    about,
    makes: model,
    // In passes over ten thousand images.
    cost: { rate: `train ${architecture} on ${dataset}`, amount: (about.epochs * count) / decimals },
    async run({ store, log }) {
      const engine = await chooseTrainingEngine();
      await openTrainingEngine(engine);
      const [data, test] = [await images({ ...sets.train, take: count }), await images(sets.test)];
      const losses = [];
      const trained = await trainRecipe(recipe, {
        data,
        test,
        seed,
        epochs: about.epochs,
        onEpoch(epoch, loss) {
          losses.push(Number(loss.toPrecision(5)));
          if (epoch % Math.ceil(about.epochs / 10) === 0)
            log(`epoch ${epoch}/${about.epochs}: loss ${loss.toPrecision(4)}`);
        },
      });
      const { networks, testError, testAccuracy } = trained;
      await saveNetworks(networks, store.work(this.id), {
        architecture,
        seed,
        epochs: about.epochs,
        testError,
      });
      tf.disposeVariables();
      return { engine, tested: test.count, testError, testAccuracy, losses };
    },
  };
}

/** Where the model of a training step is. */
export const modelOf = (store, step) => path.join(store.work(step.id), model);

/** The model of a training step, on the engine that it was trained on. */
export async function openTrained(store, step) {
  const engine = await chooseTrainingEngine();
  await openTrainingEngine(engine);
  const networks = await loadNetworks(modelOf(store, step));
  return { engine, model: networks.model };
}
