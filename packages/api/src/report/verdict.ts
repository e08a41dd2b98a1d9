import type { Expectation } from './expectation.js';
import type { Metric } from './metric.js';

export type Verdict = 'pass' | 'fail' | 'inconclusive';

export interface ExpectationResult extends Expectation {
  verdict: Verdict;
  measured: Metric;
  /** One sentence: measured, limit, interval, n. */
  message: string;
}

/** fail before inconclusive before pass: either of the first two stops a build. */
export function worst(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.includes('fail')) return 'fail';
  return verdicts.includes('inconclusive') ? 'inconclusive' : 'pass';
}
