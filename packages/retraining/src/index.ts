/** Perturbed images as training data: write them, or train with them and see whether it helps. */
export { augment, type AugmentedSet, type AugmentOptions } from './augment.js';
export { retrain, type RetrainOptions } from './retrain.js';
export { judgeRetraining } from './judge.js';
export type { Protocol, RetrainExpectationResult, RetrainReport, RetrainRow } from './report.js';
export { retrainJunit, retrainSummary, writeRetrainJunit } from './summary.js';
