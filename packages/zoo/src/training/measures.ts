import type * as tfl from '@tensorflow/tfjs-layers';
import { tf } from '@gauntlet/api';
import type { TrainingData } from './data.js';

/** Images that are predicted at a time. */
const atOnce = 500;

/** Share of images classified correctly. */
export async function accuracy(model: tfl.LayersModel, data: TrainingData): Promise<number> {
  const hits = await overBatches(model, data, (_, output, from) => {
    const labels = tf.tensor1d(data.labels!.slice(from, from + output.shape[0]), 'int32');
    return tf.sum(tf.cast(tf.equal(tf.argMax(output, 1), labels), 'float32'));
  });
  return hits / data.count;
}

/** Mean over images and values of (x − Φ(x))². */
export async function reconstructionError(model: tfl.LayersModel, data: TrainingData): Promise<number> {
  const sum = await overBatches(model, data, (x, output) =>
    tf.sum(tf.square(tf.sub(x, tf.reshape(output, x.shape)))),
  );
  return sum / data.images.length;
}

async function overBatches(
  model: tfl.LayersModel,
  { images, shape, count }: TrainingData,
  measure: (x: tf.Tensor4D, output: tf.Tensor, from: number) => tf.Tensor,
): Promise<number> {
  const size = images.length / count;
  let sum = 0;
  for (let from = 0; from < count; from += atOnce) {
    const n = Math.min(atOnce, count - from);
    const part = tf.tidy(() => {
      const x = tf.tensor4d(images.slice(from * size, (from + n) * size), [n, ...shape]);
      return measure(
        x,
        model.predict(tf.reshape(x, [n, ...model.inputs[0].shape.slice(1)] as number[])) as tf.Tensor,
        from,
      );
    });
    sum += (await part.data())[0];
    part.dispose();
  }
  return sum;
}

/** Images that the variance is taken from. */
const most = 1000;

/**
 * Variance of what an autoencoder makes of the first 1000 images, as a share of the images' own. One that has collapsed gives
 * nearly the same for every image: close to 0.
 * @returns NaN for images that are all the same
 */
export async function varianceKept(model: tfl.LayersModel, { images, count }: TrainingData): Promise<number> {
  const n = Math.min(most, count);
  const shape = model.inputs[0].shape.slice(1) as number[];
  const shares = tf.tidy(() => {
    const x = tf.tensor(images.subarray(0, (n * images.length) / count), [n, ...shape]);
    const made = model.predict(x, { batchSize: atOnce }) as tf.Tensor;
    const [given, kept] = [x, made].map((rows) => tf.sum(tf.moments(rows, 0).variance));
    return tf.div(kept, given);
  });
  const [share] = await shares.data();
  shares.dispose();
  return share;
}
