import { tf } from '@gauntlet/api';
import { images } from '../datasets.mjs';
import { openTrained } from './train.mjs';

/** Test images that are looked at. */
const most = 1000;

/** Below this share, as in Gauntlet's finding, a model has collapsed: it gives nearly the same for every image. */
export const collapsedBelow = 0.02;

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
      const { images: values } = await images({ ...sets.test, take });
      const [given, made] = tf.tidy(() => {
        const x = tf.tensor(values, [take, ...model.inputs[0].shape.slice(1)]);
        return [x, model.predict(x, { batchSize: 500 })].map((rows) => tf.sum(tf.moments(rows, 0).variance));
      });
      const [whole, kept] = await Promise.all([given, made].map(async (one) => (await one.data())[0]));
      tf.dispose([given, made]);
      tf.disposeVariables();
      return { engine, variance: kept / whole };
    },
  };
}
