import { GauntletError } from '@gauntlet/api';
import type { Networks, Recipe } from '../recipe.js';
import type { TrainingData } from './data.js';
import { accuracy, reconstructionError, varianceKept } from './measures.js';
import { classCount, train } from './train.js';

export interface RecipeRun {
  data: TrainingData;
  test?: TrainingData;
  epochs?: number;
  batchSize?: number;
  seed: number;
  onEpoch?: (epoch: number, loss: number) => void;
}

/** Builds and trains; gives the networks and what the test set says (accuracy, or mean squared error per value and variance kept). */
export async function trainRecipe(
  recipe: Recipe,
  { data, test, seed, onEpoch, ...rest }: RecipeRun,
): Promise<{
  networks: Networks;
  epochs: number;
  batchSize: number;
  testError?: number;
  testAccuracy?: number;
  varianceKept?: number;
}> {
  const { epochs = recipe.epochs, batchSize = recipe.batchSize } = rest;
  const classifies = recipe.kind === 'classifier';
  if (classifies && !data.labels)
    throw new GauntletError(
      'training-data',
      `${recipe.name} is a classifier, and the dataset has no labels.`,
    );
  const networks = recipe.build(data.shape, seed, data.labels ? classCount(data.labels) : 0);
  // An autoencoder has no use for labels.
  const used = classifies ? data : { ...data, labels: undefined };
  await train(recipe.trainer(networks, seed), used, { epochs, batchSize, seed, onEpoch });
  const result = { networks, epochs, batchSize };
  if (!test) return result;
  const { model } = networks;
  if (classifies) return { ...result, testAccuracy: await accuracy(model, test) };
  return {
    ...result,
    testError: await reconstructionError(model, test),
    varianceKept: await varianceKept(model, test),
  };
}
