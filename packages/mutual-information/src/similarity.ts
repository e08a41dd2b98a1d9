import type { Estimator } from './estimator.js';
import { gaussian } from './gaussian/estimator.js';
import type { Marginals } from './mine/donsker-varadhan.js';
import { mine, type SamplingName } from './mine/mine.js';

export const similarityNames = ['gaussian', 'fast', 'positions', 'paper'] as const;
export type SimilarityName = (typeof similarityNames)[number];

export interface SimilarityOptions {
  similarity: SimilarityName;
  sampling?: SamplingName;
  marginals?: Marginals;
  learningRate?: number | null;
}

/** The estimator that an attack's `similarity` parameter names. */
export function similarityOf({
  similarity,
  sampling,
  marginals,
  learningRate,
}: SimilarityOptions): Estimator {
  if (similarity === 'gaussian') return gaussian;
  return mine({ network: similarity, sampling, marginals, learningRate: learningRate ?? undefined });
}
