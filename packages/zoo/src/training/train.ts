import type * as tfl from '@tensorflow/tfjs-layers';
import { GauntletError, Stream, tf } from '@gauntlet/api';
import type { Step } from '../recipe.js';
import { assertBatch, type TrainingData } from './data.js';

export interface TrainingOptions {
  /** As long as this many passes over the data … */
  epochs: number;
  /** … or, if it is given, as this many steps. */
  steps?: number;
  batchSize: number;
  /** Order of the images. */
  seed: number;
  /** Mean loss over the steps of a pass. */
  onEpoch?: (epoch: number, loss: number) => void;
}

/**
 * Trains; batches are shuffled by the seed, so the same seed gives the same weights on the same backend.
 * @throws GauntletError `training-diverged` at the end of the first pass whose loss is not finite.
 */
export async function train(step: Step, data: TrainingData, options: TrainingOptions): Promise<void> {
  const { batchSize, seed, onEpoch } = options;
  assertBatch(data, batchSize);
  let left = options.steps ?? options.epochs * Math.ceil(data.count / batchSize);
  for (let epoch = 0; left > 0; epoch++) {
    const order = new Stream('training', seed, epoch).permutation(data.count);
    let total = tf.scalar(0);
    let steps = 0;
    for (let from = 0; from < data.count && left > 0; from += batchSize, left--, steps++) {
      const before = total;
      total = tf.tidy(() => {
        const { x, y } = batchOf(data, order.subarray(from, from + batchSize));
        return tf.add(before, step(x, y));
      });
      before.dispose();
    }
    const [loss] = await total.data();
    total.dispose();
    if (!Number.isFinite(loss)) {
      throw new GauntletError(
        'training-diverged',
        `The loss is ${loss} after ${epoch + 1} ${epoch === 0 ? 'pass' : 'passes'} over the data: training has diverged. Take a smaller learning rate, and look for infinite values in data and weights.`,
      );
    }
    onEpoch?.(epoch + 1, loss / steps);
  }
}

function batchOf({ images, targets, shape, labels, count }: TrainingData, rows: Int32Array) {
  const size = images.length / count;
  const pick = (from: Float32Array) => {
    const values = new Float32Array(rows.length * size);
    rows.forEach((row, i) => values.set(from.subarray(row * size, (row + 1) * size), i * size));
    return tf.tensor4d(values, [rows.length, ...shape]);
  };
  const x = pick(images);
  if (!labels) return { x, y: targets ? pick(targets) : x };
  const classes = tf.tensor1d(
    Int32Array.from(rows, (row) => labels[row]),
    'int32',
  );
  return { x, y: tf.cast(tf.oneHot(classes, classCount(labels)), 'float32') };
}

/** One more than the largest label. */
export const classCount = (labels: Int32Array) => labels.reduce((a, b) => Math.max(a, b), 0) + 1;

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
