import type { CellReport, Expectation, Finding, Metric, Outcome, VictimReport } from '@gauntlet/api';

/** A cell that was measured and is not judged yet. */
export type MeasuredCell = Pick<
  CellReport,
  'id' | 'victim' | 'attack' | 'use' | 'params' | 'threat' | 'usesGradients' | 'criterion' | 'sweep' | 'early'
> & { outcomes: readonly Outcome[] };

/** An expectation and what was measured of it. */
export interface MeasuredExpectation extends Expectation {
  measured: Metric;
}

/** What a check looks at. */
export interface Evidence {
  cell: MeasuredCell;
  /** Those of its outcomes that are broken or held, and of these those that held. */
  attacked: readonly Outcome[];
  held: readonly Outcome[];
  expectations: readonly MeasuredExpectation[];
  victim: Pick<
    VictimReport,
    | 'kind'
    | 'bounds'
    | 'classes'
    | 'multiLabel'
    | 'gradients'
    | 'straightThrough'
    | 'eot'
    | 'repeats'
    | 'inputShape'
    | 'examination'
  >;
  /** The other cells of the report with the same victim. */
  siblings: readonly MeasuredCell[];
  maxUnassessed: number;
}

/**
 * `void`: nothing was measured, whatever was expected. `weak`: a pass of an expectation that the attack achieves little
 * is no evidence. `hint`: worth a look.
 */
export type Weight = 'void' | 'weak' | 'hint';

export interface Found {
  /** What was seen, and what to do. */
  message: string;
  samples?: readonly Outcome[];
  /** Less than the check's weight, in this case. */
  weight?: Weight;
  /** The expectations that are concerned; by default those that the attack achieves little. */
  concerns?: (expectation: Expectation) => boolean;
}

/** One reason not to trust a cell's numbers. */
export interface Check {
  code: Finding['code'];
  weight: Weight;
  find(evidence: Evidence): Found | undefined;
}

const lower = new Set(['asr', 'asrRounded', 'confidence', 'embeddingDistance', 'hammingLoss']);
const higher = new Set(['robustAccuracy', 'linf', 'l2', 'l1', 'l0', 'minimalNorm', 'forwards', 'gradients']);
const neutral = new Set([
  'cleanAccuracy',
  'cleanHammingLoss',
  'cleanReconstructionError',
  'reconstructionError',
  'reconstructionDegradation',
  'mi',
  'ssim',
  'seconds',
]);

/**
 * Whether it asks that the attack achieves little. `asr.worstClass` of a plugin is taken for a kind of `asr`; of other metrics that
 * we do not know, any limit counts as if it did.
 */
export const expectsHeld = ({ metric: name, min, max }: Expectation): boolean => {
  const [metric] = name.split('.');
  if (neutral.has(metric)) return false;
  if (lower.has(metric)) return max !== undefined;
  return higher.has(metric) ? min !== undefined : true;
};

/** A classifier that is to be misclassified: other goals have no scale that a check would know. */
export const hasStandardGoal = ({ cell, victim }: Evidence): boolean =>
  victim.kind === 'classifier' && cell.criterion === undefined;

export const range = ({ victim: { bounds } }: Evidence): number => bounds[1] - bounds[0];

export const count = (n: number, what: string) => `${n} ${what}${n === 1 ? '' : 's'}`;
export const format = (value: number) => String(Number(value.toPrecision(4)));
export const percent = (share: number) => `${format(100 * share)} %`;

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
};
