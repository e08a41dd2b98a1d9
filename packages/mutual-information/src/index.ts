import { gaussianEstimator } from './gaussian/plugin.js';
import { infoNceEstimator } from './info-nce/plugin.js';
import { ksgEstimator } from './ksg/plugin.js';

export { estimateOnce, type Contribution, type Estimator, type Session, type View } from './estimator.js';
export { gaussian } from './gaussian/estimator.js';
export { gaussianBatch, gaussianEstimate, prepareClean, ridge } from './gaussian/gaussian.js';
export { mine, type MineOptions, type SamplingName } from './mine/mine.js';
export type { Marginals } from './mine/donsker-varadhan.js';
export { similarityNames, similarityOf, type SimilarityName, type SimilarityOptions } from './similarity.js';

export default [gaussianEstimator, ksgEstimator, infoNceEstimator];
