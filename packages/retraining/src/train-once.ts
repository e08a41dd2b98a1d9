import { GauntletError, tf } from '@gauntlet/api';
import { type DatasetConfig, openDataset, readNpz } from '@gauntlet/core';
import {
  concatenate,
  findRecipe,
  loadNetworks,
  type Networks,
  openTrainingEngine,
  plainTrainer,
  reconstructionError,
  saveNetworks,
  type Step,
  train,
  trainingData,
  type TrainingData,
  varianceKept,
} from '@gauntlet/zoo';
import type { TrainResult, TrainTask } from './train-task.js';

/** Datasets that have been read, by what they are and how they are sliced. */
type Opened = Map<string, Promise<TrainingData>>;

function data(
  config: DatasetConfig,
  { datasetSeed, bounds }: TrainTask,
  opened: Opened,
): Promise<TrainingData> {
  const key = JSON.stringify([config, datasetSeed, bounds]);
  const found =
    opened.get(key) ??
    openDataset(config, datasetSeed)
      .then((dataset) => trainingData(dataset, bounds))
      .then((all) => ({ ...all, labels: undefined }));
  opened.set(key, found);
  return found;
}

/** What does training tasks, one at a time, and reads each dataset once. */
export function trainer(): (task: TrainTask) => Promise<TrainResult> {
  const opened: Opened = new Map();
  return (task) => trainOnce(task, opened);
}

/** Trains as the task says and measures the result. */
async function trainOnce(task: TrainTask, opened: Opened): Promise<TrainResult> {
  await openTrainingEngine(task.engine);
  const networks = await loadNetworks(task.model);
  const test = await data(task.test, task, opened);
  if (task.steps > 0) {
    const { steps, batchSize, seed } = task;
    const set = await withAdded(await data(task.dataset, task, opened), task);
    await train(stepOf(task, networks), set, { epochs: 0, steps, batchSize, seed });
  }
  const error = await reconstructionError(networks.model, test);
  const kept = await varianceKept(networks.model, test);
  if (task.save)
    await saveNetworks(networks, task.save, {
      trainer: task.trainer,
      steps: task.steps,
      seed: task.seed,
      testError: error,
    });
  // Weights and the optimiser's moments.
  tf.disposeVariables();
  return { error, varianceKept: Number.isFinite(kept) ? kept : null };
}

function stepOf({ trainer, seed }: TrainTask, networks: Networks): Step {
  return 'recipe' in trainer
    ? findRecipe(trainer.recipe).trainer(networks, seed)
    : plainTrainer(trainer, networks.model);
}

async function withAdded(clean: TrainingData, task: TrainTask): Promise<TrainingData> {
  const { added } = task;
  if (!added) return clean;
  const archive = await readNpz(added.file);
  const images = archive('x').data as Float32Array;
  const broken = archive('broken').data;
  const size = clean.images.length / clean.count;
  const rows = [...broken.keys()].filter((row) => added.include === 'all' || broken[row] === 1);
  if (rows.length === 0)
    throw new GauntletError(
      'augment-empty',
      `${added.file} has no image to add: none met the goal. Use include: all.`,
    );
  const pick = (from: Float32Array, positions: readonly number[]) => {
    const chosen = new Float32Array(rows.length * size);
    positions.forEach((row, i) => chosen.set(from.subarray(row * size, (row + 1) * size), i * size));
    return chosen;
  };
  // Where in the slice the original of each is.
  const { indices } = await openDataset(task.dataset, task.datasetSeed);
  const positions = new Map(indices.map((index, position) => [index, position]));
  const index = archive('index').data;
  const originals = rows.map((row) => positions.get(index[row])!);
  return concatenate(clean, {
    ...clean,
    count: rows.length,
    images: pick(images, rows),
    targets: added.target === 'clean' ? pick(clean.images, originals) : undefined,
  });
}
