import type { Verdict } from '@gauntlet/api';
import type { RetrainConfig, RetrainExpectation } from '@gauntlet/core';

export type Protocol = 'equal-epochs' | 'equal-steps';

/** What retraining with one addition under one protocol gave. */
export interface RetrainRow {
  /** Attack whose images were added, or nothing: the control. */
  attack?: string;
  protocol: Protocol;
  /** Images added for each seed, and the share of them that met the goal (ASR on the training set). */
  added: number[];
  asr: number[];
  /** Steps of training for each seed. */
  steps: number[];
  /** Mean squared error per value on the test set for each seed, its mean and its standard deviation. */
  errors: number[];
  mean: number;
  /** Variance of the trained models' outputs on the test set as a share of the images' for each seed; null where all images are alike. */
  varianceKept: (number | null)[];
  /** Absent for one seed. */
  std?: number;
  /** 1 − mean / error of the original. */
  improvement: number;
  /** 1 − mean / mean of the control under the same protocol. */
  improvementOverControl: number;
}

export interface RetrainExpectationResult {
  attack: string;
  protocol: Protocol;
  metric: keyof RetrainExpectation;
  min?: number;
  max?: number;
  value?: number;
  verdict: Verdict;
  message: string;
}

/** retrain.json: does training on perturbed images help? */
export interface RetrainReport {
  format: 'gauntlet-retrain';
  version: 1;
  gauntlet: string;
  spec: string;
  victim: string;
  model: string;
  /** Architecture of the zoo, or loss and optimiser. */
  trainer: string;
  engine: string;
  seeds: number[];
  epochs: number;
  batchSize: number;
  include: RetrainConfig['include'];
  target: RetrainConfig['target'];
  training: { name: string; n: number; hash: string };
  test: { n: number; hash: string };
  /** Mean squared error per value of the model as it was, on the test set. */
  originalError: number;
  /** Variance of its outputs on the test set as a share of the images'; null where all images are alike. */
  originalVarianceKept: number | null;
  rows: RetrainRow[];
  expectations: RetrainExpectationResult[];
  verdict: Verdict;
  seconds: number;
}
