import { type Verdict, worst } from '@gauntlet/api';
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
  rows: RetrainRow[];
  expectations: RetrainExpectationResult[];
  verdict: Verdict;
  seconds: number;
}

const valueOf: Record<keyof RetrainExpectation, (row: RetrainRow) => number> = {
  improvement: (row) => row.improvement,
  improvementOverControl: (row) => row.improvementOverControl,
  testError: (row) => row.mean,
};

/** Every expectation under every protocol. What was not measured is inconclusive. */
export function judgeRetraining(
  expectations: RetrainConfig['expectations'],
  protocols: readonly Protocol[],
  rows: readonly RetrainRow[],
): { results: RetrainExpectationResult[]; verdict: Verdict } {
  const results = Object.entries(expectations).flatMap(([attack, limits]) =>
    (Object.entries(limits) as [string, { min?: number; max?: number }][]).flatMap(([name, { min, max }]) =>
      protocols.map((protocol): RetrainExpectationResult => {
        const metric = name as keyof RetrainExpectation;
        const row = rows.find((one) => one.attack === attack && one.protocol === protocol);
        const value = row && valueOf[metric](row);
        const about = { attack, protocol, metric, min, max, value };
        if (!row || value === undefined || !Number.isFinite(value))
          return { ...about, verdict: 'inconclusive', message: `${metric} was not measured.` };
        const limit = [min !== undefined && `at least ${min}`, max !== undefined && `at most ${max}`]
          .filter(Boolean)
          .join(' and ');
        const holds = value >= (min ?? -Infinity) && value <= (max ?? Infinity);
        const n = row.errors.length;
        return {
          ...about,
          verdict: holds ? 'pass' : 'fail',
          message: `${metric} is ${Number(value.toPrecision(4))} over ${n} seed${n === 1 ? '' : 's'} (${protocol}); expected ${limit}.`,
        };
      }),
    ),
  );
  return { results, verdict: worst(results.map(({ verdict }) => verdict)) };
}
