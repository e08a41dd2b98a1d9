import { Stream, tf } from '@gauntlet/api';
import { images } from '../datasets.mjs';
import { attackRow } from '../samples.mjs';
import { onlySeed } from './attack.mjs';
import { openTrained } from './train.mjs';

/** Ways to add the same noise n to images x. */
export const ways = {
  clipped: (x, n) => tf.clipByValue(tf.add(x, n), 0, 1),
  'not clipped': (x, n) => tf.add(x, n),
  'on the digit only': (x, n) =>
    tf.clipByValue(tf.add(x, tf.mul(n, tf.cast(tf.greater(x, 0), 'float32'))), 0, 1),
};

/** Errors ‖x − Φ(x′)‖² / d of images [n, d] under a model of inputs of any shape. */
function errors(model, x, given) {
  const [n] = x.shape;
  const shape = [n, ...model.inputs[0].shape.slice(1)];
  const output = model.predict(tf.reshape(given, shape), { batchSize: 500 });
  return tf.mean(tf.square(tf.sub(x, tf.reshape(output, x.shape))), 1);
}

/**
 * Gaussian noise on training images in one of these ways, which a spec cannot have: it keeps to the bounds. The rule of success
 * is the attacks': an error that is not larger than the clean image's.
 */
export function noiseStep({ id, about, cost, sets, trained }) {
  const { sigma, way, attacked } = about.attack;
  return {
    id,
    about,
    cost,
    needs: [trained],
    async run({ store }) {
      const { engine, model } = await openTrained(store, trained);
      const { images: values } = await images({ ...sets.train, take: attacked });
      const d = values.length / attacked;
      const noise = Float32Array.from(values, noiseOf(sigma));
      const [before, after, l2] = tf.tidy(() => {
        const x = tf.tensor2d(values, [attacked, d]);
        const noisy = ways[way](x, tf.tensor2d(noise, [attacked, d]));
        return [errors(model, x, x), errors(model, x, noisy), tf.norm(tf.sub(noisy, x), 'euclidean', 1)];
      });
      const [clean, perturbed, lengths] = await Promise.all([before, after, l2].map((one) => one.data()));
      tf.dispose([before, after, l2]);
      tf.disposeVariables();
      const samples = Array.from(lengths, (length, index) => ({
        index,
        status: perturbed[index] <= clean[index] ? 'b' : 'h',
        l2: length,
      }));
      return { engine, row: attackRow(samples) };
    },
  };
}

function noiseOf(sigma) {
  const stream = new Stream('noise', onlySeed);
  return () => sigma * stream.normal();
}
