import { type Verdict, worst } from '@gauntlet/api';
import { collapsedBelow, type RetrainConfig, type RetrainExpectation } from '@gauntlet/core';
import type { RetrainExpectationResult, RetrainReport, RetrainRow } from './report.js';

const valueOf: Record<keyof RetrainExpectation, (row: RetrainRow) => number> = {
  improvement: (row) => row.improvement,
  improvementOverControl: (row) => row.improvementOverControl,
  testError: (row) => row.mean,
};

/** Every expectation under every protocol. What was not measured, or holds for collapsed models only, is inconclusive. */
export function judgeRetraining(
  { expectations, protocols }: Pick<RetrainConfig, 'expectations' | 'protocols'>,
  measured: Pick<RetrainReport, 'rows' | 'originalVarianceKept'>,
): { results: RetrainExpectationResult[]; verdict: Verdict } {
  const results = Object.entries(expectations).flatMap(([attack, limits]) =>
    (Object.entries(limits) as [string, { min?: number; max?: number }][]).flatMap(([name, { min, max }]) =>
      protocols.map((protocol): RetrainExpectationResult => {
        const metric = name as keyof RetrainExpectation;
        const row = measured.rows.find((one) => one.attack === attack && one.protocol === protocol);
        const value = row && valueOf[metric](row);
        const about = { attack, protocol, metric, min, max, value };
        if (!row || value === undefined || !Number.isFinite(value))
          return { ...about, verdict: 'inconclusive', message: `${metric} was not measured.` };
        const limit = [min !== undefined && `at least ${min}`, max !== undefined && `at most ${max}`]
          .filter(Boolean)
          .join(' and ');
        const n = row.errors.length;
        const message = `${metric} is ${Number(value.toPrecision(4))} over ${n} seed${n === 1 ? '' : 's'} (${protocol}); expected ${limit}.`;
        if (value < (min ?? -Infinity) || value > (max ?? Infinity))
          return { ...about, verdict: 'fail', message };
        const collapse = collapseBehind(row, metric, measured);
        return collapse
          ? { ...about, verdict: 'inconclusive', message: `${message} ${collapse}` }
          : { ...about, verdict: 'pass', message };
      }),
    ),
  );
  return { results, verdict: worst(results.map(({ verdict }) => verdict)) };
}

const collapsed = (share: number | null) => share !== null && share < collapsedBelow;

const meaning = `it gives nearly the same for every image (its outputs have less than ${collapsedBelow * 100} % of the variance of the test images)`;

/** Why a limit that holds says nothing: chance picks the images that break a collapsed model, and its error is that of one image for all. */
function collapseBehind(
  row: RetrainRow,
  metric: keyof RetrainExpectation,
  { rows, originalVarianceKept }: Pick<RetrainReport, 'rows' | 'originalVarianceKept'>,
): string | undefined {
  if (metric !== 'testError' && collapsed(originalVarianceKept))
    return `The original model has collapsed: ${meaning}, so that it is chance which images break it. Train it for longer or on more images first.`;
  const control = rows.find(({ attack, protocol }) => attack === undefined && protocol === row.protocol);
  const trained = [row, ...(metric === 'improvementOverControl' && control ? [control] : [])];
  if (trained.some(({ varianceKept }) => varianceKept.some(collapsed)))
    return `A trained model has collapsed: ${meaning}. Look at the learning rate and the length of the training.`;
  return undefined;
}
