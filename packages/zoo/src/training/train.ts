import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import { Stream, type ImageSource } from '@gauntlet/core';

export interface TrainingOptions {
  epochs: number;
  batchSize: number;
  seed: number;
  onEpoch?(epoch: number, loss: number): void;
}

/** Images in [0, 1] and one-hot labels of some rows. */
function batchOf(
  source: ImageSource,
  rows: ArrayLike<number>,
  classes: number,
): { x: tf.Tensor4D; y: tf.Tensor2D } {
  const list = Array.from(rows);
  const size = source.shape[0] * source.shape[1] * source.shape[2];
  const values = new Float32Array(list.length * size);
  list.forEach((row, i) => source.pixels(row).forEach((value, k) => (values[i * size + k] = value / 255)));
  const labels = tf.tensor1d(list.map((row) => source.labels![row]), 'int32'); // prettier-ignore
  return {
    x: tf.tensor4d(values, [list.length, ...source.shape]),
    y: tf.tidy(() => tf.cast(tf.oneHot(labels, classes), 'float32') as tf.Tensor2D),
  };
}

/** Trains a compiled classifier; batches are shuffled by the seed, so the same seed gives the same weights. */
export async function trainClassifier(
  model: tfl.LayersModel,
  data: ImageSource,
  options: TrainingOptions,
): Promise<void> {
  const classes = model.outputs[0].shape.at(-1)!;
  for (let epoch = 0; epoch < options.epochs; epoch++) {
    const order = new Stream('training', options.seed, epoch).permutation(data.count);
    let total = 0;
    let batches = 0;
    for (let from = 0; from < data.count; from += options.batchSize) {
      const { x, y } = batchOf(data, order.subarray(from, from + options.batchSize), classes);
      total += (await model.trainOnBatch(x, y)) as number;
      batches++;
      tf.dispose([x, y]);
    }
    options.onEpoch?.(epoch + 1, total / batches);
  }
}

/** Share of images classified correctly. */
export async function accuracy(model: tfl.LayersModel, data: ImageSource): Promise<number> {
  const { x, y } = batchOf(
    data,
    Array.from({ length: data.count }, (_, i) => i),
    10,
  );
  y.dispose();
  const predicted = tf.tidy(() => tf.argMax(model.predict(x, { batchSize: 200 }) as tf.Tensor, 1));
  const classes = (await predicted.data()) as Int32Array;
  tf.dispose([x, predicted]);
  return classes.reduce((hits: number, one, i) => hits + (one === data.labels![i] ? 1 : 0), 0) / data.count;
}

/** Writes model.json, weights.bin and a model card. */
export async function saveModel(
  model: tfl.LayersModel,
  folder: string,
  card: Record<string, unknown>,
): Promise<void> {
  mkdirSync(folder, { recursive: true });
  await model.save({
    save: async (artifacts) => {
      const weights = Buffer.from(artifacts.weightData as ArrayBuffer);
      const json = {
        format: 'layers-model',
        generatedBy: 'gauntlet zoo',
        modelTopology: artifacts.modelTopology,
        weightsManifest: [{ paths: ['weights.bin'], weights: artifacts.weightSpecs }],
      };
      writeFileSync(path.join(folder, 'weights.bin'), weights);
      writeFileSync(path.join(folder, 'model.json'), `${JSON.stringify(json)}\n`);
      const full = {
        ...card,
        parameters: model.countParams(),
        weightsSha256: createHash('sha256').update(weights).digest('hex'),
      };
      writeFileSync(path.join(folder, 'card.json'), `${JSON.stringify(full, null, 2)}\n`);
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
    },
  });
}
