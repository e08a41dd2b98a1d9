import path from 'node:path';
import { GauntletError } from '@gauntlet/api';
import { type Dataset, openDataset, type RetrainConfig, type Spec } from '@gauntlet/core';
import { findDiscriminator, findRecipe, readCard, readTrainable, recipes } from '@gauntlet/zoo';
import type { TrainerChoice } from './train-task.js';

export interface Retraining {
  config: RetrainConfig;
  victim: Spec['victims'][number];
  trainer: TrainerChoice;
  training: Dataset;
  test: Dataset;
}

/** Everything that can be known to be wrong before hours of attacks. */
export async function checkRetraining({
  file,
  retrain: config,
  victims,
  dataset,
  seed,
}: Spec): Promise<Retraining> {
  const wrong = (message: string) => new GauntletError('retrain-invalid', message, { place: { file } });
  if (!config)
    throw wrong('The spec has no "retrain" section. Write at least: retrain: { test: <a dataset> }.');
  const [victim] = victims;
  if (victims.length > 1 || victim.kind !== 'autoencoder')
    throw wrong('Retraining is for a spec with one victim, of kind autoencoder.');
  if (Object.keys(victim.preprocess).length > 0)
    throw wrong(
      `${victim.name} has a preprocess step, which retraining does not know. Retrain on data that needs none.`,
    );
  if (victim.source)
    throw wrong(
      `${victim.name} is a model in code (${victim.model}); only a TensorFlow.js LayersModel in a file can be trained.`,
    );
  if (victim.model.endsWith('.onnx'))
    throw wrong(`${victim.name} is an ONNX model; only a TensorFlow.js LayersModel can be trained.`);
  if (/\.(keras|h5)$/.test(victim.model))
    throw wrong(
      `${victim.name} is a file of Keras; only a TensorFlow.js LayersModel can be trained. Convert it: tensorflowjs_converter --input_format keras ${path.basename(victim.model)} model`,
    );
  const training = await openDataset(dataset, seed);
  const test = await openDataset(config.test, seed);
  if (training.imageShape.join() !== test.imageShape.join())
    throw wrong(
      `Training images are of shape [${training.imageShape.join(', ')}], test images of [${test.imageShape.join(', ')}].`,
    );
  const n = training.indices.length;
  if (n < config.batchSize)
    throw wrong(
      `There are ${n} training images, fewer than one batch of ${config.batchSize}. Take more images, or a smaller batchSize.`,
    );
  readTrainable(victim.model);
  const trainer = chooseTrainer(config, victim.model, wrong);
  // Every recipe ends in a sigmoid.
  const unit = 'recipe' in trainer || trainer.loss === 'bce';
  const [low, high] = victim.bounds;
  if (unit && (low < 0 || high > 1))
    throw wrong(
      `${'recipe' in trainer ? trainer.recipe : 'Binary cross-entropy'} is for inputs within [0, 1]; ${victim.name} has bounds [${low}, ${high}].`,
    );
  return { config, victim, trainer, training, test };
}

function chooseTrainer(
  { recipe: named, loss, optimizer, learningRate }: RetrainConfig,
  model: string,
  wrong: (message: string) => GauntletError,
): TrainerChoice {
  const architecture = named ?? readCard(model)?.architecture;
  if (named === undefined && !recipes.some(({ name }) => name === architecture))
    return { loss, optimizer, learningRate };
  const recipe = findRecipe(architecture!);
  if (recipe.kind !== 'autoencoder')
    throw wrong(`${recipe.name} is a classifier; name the recipe of an autoencoder.`);
  if (recipe.name === 'adversarial-autoencoder' && !findDiscriminator(model))
    throw wrong(
      `There is no discriminator beside ${model}; adversarial-autoencoder goes on training both. Train the model with gauntlet zoo train.`,
    );
  return { recipe: recipe.name };
}
