import type { Verdict } from './verdict.js';

/** When a difference from the baseline is a regression. */
export interface RegressionPolicy {
  /** Share of the compared samples that may be newly broken. */
  tolerance: number;
  /**
   * Only if the paired test shows at this level, which is that of all cells together (Holm), that more samples broke than were
   * fixed; absent: every one counts.
   */
  significance?: number;
}

/** One cell beside its baseline, sample by sample (indices in the dataset). */
export interface CellDifference {
  id: string;
  verdict: Verdict;
  /** One sentence. */
  message: string;
  /** Withstood the attack then (or was classified correctly), and does not any more; and the other way round. */
  newlyBroken: number[];
  newlyFixed: number[];
  unchanged: number;
  /** Samples that only this run has, and those that only the baseline has. */
  added: number[];
  missing: number[];
  /** McNemar, one-sided: chance alone breaks at least as many of the samples that differ. */
  pValue?: number;
}

export interface Difference {
  /** The baseline's file. */
  baseline: string;
  policy: RegressionPolicy;
  verdict: Verdict;
  cells: CellDifference[];
}
