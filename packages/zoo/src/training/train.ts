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
