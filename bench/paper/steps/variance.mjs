import { tf } from '@gauntlet/api';
import { varianceKept } from '@gauntlet/zoo';
import { images } from '../datasets.mjs';
import { openTrained } from './train.mjs';

/** Test images that are looked at. */
const most = 1000;

/** How much of the variance of test images is left in what a trained autoencoder makes of them. */
export function varianceStep(trained, { sets, tested }) {
  const { dataset, architecture } = trained.about;
  const take = Math.min(most, tested);
  return {
    id: `variance-${trained.id.slice('train-'.length)}`,
    about: { dataset, model: trained.id, take },
    cost: { rate: `variance on ${architecture} of ${dataset}`, amount: take },
    needs: [trained],
    async run({ store }) {
      const { engine, model } = await openTrained(store, trained);
      const variance = await varianceKept(model, await images({ ...sets.test, take }));
      tf.disposeVariables();
      return { engine, variance };
    },
  };
}
