import { tf } from '@gauntlet/api';
import {
  findRecipe,
  minimise,
  meanSquaredError,
  openTrainingEngine,
  train,
  reconstructionError,
} from '@gauntlet/zoo';
import * as tfl from '@tensorflow/tfjs-layers';
import { images, paperDataset } from '/work/wt/paper/bench/paper/datasets.mjs';
const sets = paperDataset('mnist', { data: '/work/shared/data' });
await openTrainingEngine('tfjs:tensorflow');
const data = { ...(await images(sets.train)), labels: undefined };
const test = { ...(await images(sets.test)), labels: undefined };
const margin = 1e-7;
const sparsity = (a, rho) => {
  const m = tf.clipByValue(tf.mean(a, 0), margin, 1 - margin);
  return tf.sum(
    tf.add(tf.mul(rho, tf.log(tf.div(rho, m))), tf.mul(1 - rho, tf.log(tf.div(1 - rho, tf.sub(1, m))))),
  );
};
const recipe = findRecipe('sparse-autoencoder');
for (const beta of process.argv.slice(2).map(Number)) {
  const { model } = recipe.build(data.shape, 1, 0);
  const opt = tf.train.adam();
  const both = tfl.model({
    inputs: model.inputs,
    outputs: [model.getLayer('code').output, model.outputs[0]],
  });
  const step = (x, y) =>
    minimise(
      opt,
      () => {
        const [c, r] = both.apply(x, { training: true });
        return tf.add(
          meanSquaredError(y, r),
          tf.add(tf.mul(sparsity(c, 0.1), beta), tf.mul(tf.sum(tf.abs(c)), 1e-7 / x.shape[0])),
        );
      },
      model,
    );
  for (let i = 1; i <= 5; i++) {
    await train(step, data, {
      epochs: 1,
      batchSize: 100,
      seed: i,
      onEpoch: (e, l) => process.stdout.write(`${l.toPrecision(4)} `),
    });
    console.log(beta, i, await reconstructionError(model, test), process.cpuUsage().user / 1e6);
  }
}
