import { tf } from '@gauntlet/api';
import { varianceKept } from '@gauntlet/zoo';
import { images } from '../datasets.mjs';
import { openTrained } from './train.mjs';

/** Test images that are looked at, of those there are. */
const lookedAt = (tested) => Math.min(1000, tested);

/** The share of the variance of the first test images that is left in what an autoencoder makes of them. */
export const varianceOn = async (model, { sets, tested }) =>
  varianceKept(model, await images({ ...sets.test, take: lookedAt(tested) }));

/** How much of the variance of test images is left in what a trained autoencoder makes of them. */
export function varianceStep(trained, context) {
  const { dataset, architecture } = trained.about;
  const take = lookedAt(context.tested);
  return {
    id: `variance-${trained.id.slice('train-'.length)}`,
    about: { dataset, model: trained.id, take },
    cost: { rate: `variance on ${architecture} of ${dataset}`, amount: take },
    needs: [trained],
    async run({ store }) {
      const { engine, model } = await openTrained(store, trained);
      const variance = await varianceOn(model, context);
      tf.disposeVariables();
      return { engine, variance };
    },
  };
}
