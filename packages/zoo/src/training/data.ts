import { GauntletError } from '@gauntlet/api';
import type { Dataset } from '@gauntlet/core';
import type { ImageShape } from '../recipe.js';

/** Images in memory, as training wants them. */
export interface TrainingData {
  count: number;
  shape: ImageShape;
  /** [count · h·w·c] */
  images: Float32Array;
  /** [count · h·w·c] what an autoencoder should give back; the images themselves by default. */
  targets?: Float32Array;
  /** [count] */
  labels?: Int32Array;
}

/** All of a dataset's slice, scaled to the bounds. */
export async function trainingData(
  dataset: Dataset,
  bounds: readonly [number, number] = [0, 1],
): Promise<TrainingData> {
  const { indices, imageShape } = dataset;
  return {
    count: indices.length,
    shape: imageShape,
    images: await dataset.images(indices, bounds),
    labels: dataset.labels(indices),
  };
}

/** One set after the other. */
export function concatenate(first: TrainingData, second: TrainingData): TrainingData {
  const join = (a: Float32Array, b: Float32Array) => {
    const both = new Float32Array(a.length + b.length);
    both.set(a);
    both.set(b, a.length);
    return both;
  };
  return {
    count: first.count + second.count,
    shape: first.shape,
    images: join(first.images, second.images),
    targets: join(first.targets ?? first.images, second.targets ?? second.images),
  };
}

/** @throws GauntletError `training-data` where there is less than a batch. */
export function assertBatch({ count }: TrainingData, batchSize: number): void {
  if (count >= batchSize) return;
  throw new GauntletError(
    'training-data',
    `There are ${count} images to train on, fewer than one batch of ${batchSize}. Take more images, or a smaller batch size.`,
  );
}
