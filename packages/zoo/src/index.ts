import { digits } from './digits/dataset.js';

export { digitsClassifier } from './digits/classifier.js';
export { syntheticDigits } from './digits/dataset.js';
export { renderDigit } from './digits/render.js';
export { registerFilterGradient } from './training/filter-gradient.js';
export { accuracy, saveModel, trainClassifier, type TrainingOptions } from './training/train.js';

export default [digits];
