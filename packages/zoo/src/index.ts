import { digits } from './digits/dataset.js';

export { syntheticDigits } from './digits/dataset.js';
export { renderDigit } from './digits/render.js';

export type { ImageShape, Networks, Recipe, Step } from './recipe.js';
export { adversarialAutoencoderWith, type Codes } from './autoencoders/adversarial.js';
export { findRecipe, recipes } from './recipes.js';
export { concatenate, trainingData, type TrainingData } from './training/data.js';
export { chooseTrainingEngine, openTrainingEngine } from './training/engine.js';
export {
  findDiscriminator,
  loadNetworks,
  readCard,
  readTrainable,
  saveModel,
  saveNetworks,
  type ModelCard,
} from './training/files.js';
export { binaryCrossEntropy, meanSquaredError } from './training/losses.js';
export { minimise, run } from './training/minimise.js';
export { plainTrainer, type PlainTraining } from './training/plain-trainer.js';
export { accuracy, reconstructionError, varianceKept } from './training/measures.js';
export { train, type TrainingOptions } from './training/train.js';
export { trainRecipe, type RecipeRun } from './training/train-recipe.js';

export default [digits];
