import { didYouMean, GauntletError } from '@gauntlet/api';
import { adversarialAutoencoder } from './autoencoders/adversarial.js';
import { convAutoencoder } from './autoencoders/convolutional.js';
import { denseAutoencoder } from './autoencoders/dense.js';
import { sparseAutoencoder } from './autoencoders/sparse.js';
import { digitsClassifier } from './classifiers/digits.js';
import { cifar10Classifier, mnistClassifier } from './classifiers/paper.js';
import type { Recipe } from './recipe.js';

/** Every architecture that `gauntlet zoo train` knows. */
export const recipes: readonly Recipe[] = [
  sparseAutoencoder,
  denseAutoencoder,
  convAutoencoder,
  adversarialAutoencoder,
  mnistClassifier,
  cifar10Classifier,
  digitsClassifier,
];

/** @throws GauntletError `recipe-unknown` */
export function findRecipe(name: string): Recipe {
  const found = recipes.find((recipe) => recipe.name === name);
  if (found) return found;
  const names = recipes.map((recipe) => recipe.name);
  throw new GauntletError(
    'recipe-unknown',
    `The zoo has no "${name}".${didYouMean(name, names)} It has: ${names.join(', ')}.`,
  );
}
