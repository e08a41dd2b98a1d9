import type { DatasetConfig, RetrainConfig } from '@gauntlet/core';

/** How a model is trained: an architecture of the zoo, or a loss and an optimiser. */
export type TrainerChoice = { recipe: string } | Pick<RetrainConfig, 'loss' | 'optimizer' | 'learningRate'>;

/** One training from the original model on. Plain data: it crosses the process boundary. */
export interface TrainTask {
  model: string;
  trainer: TrainerChoice;
  engine: string;
  bounds: [number, number];
  dataset: DatasetConfig;
  test: DatasetConfig;
  /** Selects the slices of both datasets. */
  datasetSeed: number;
  /** Perturbed images to add: a file that `augment` wrote. */
  added?: { file: string } & Pick<RetrainConfig, 'include' | 'target'>;
  /** 0 measures the model as it is. */
  steps: number;
  batchSize: number;
  /** Order of the images. */
  seed: number;
  /** Folder for the trained model. */
  save?: string;
}

export interface TrainResult {
  /** Mean squared error per value on the test set. */
  error: number;
  /** Variance of the outputs on the test set as a share of the images'; null where all images are alike. */
  varianceKept: number | null;
}
