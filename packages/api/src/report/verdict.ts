import type { Expectation } from './expectation.js';
import type { Metric } from './metric.js';

/** `measured`: nothing was expected, so nothing could pass or fail. */
export type Verdict = 'pass' | 'fail' | 'inconclusive' | 'measured';

export interface ExpectationResult extends Expectation {
  verdict: Exclude<Verdict, 'measured'>;
  measured: Metric;
  /** One sentence: measured, limit, interval, n. */
  message: string;
}

/** fail before inconclusive before pass before measured: either of the first two stops a build. */
export function worst(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.includes('fail')) return 'fail';
  if (verdicts.includes('inconclusive')) return 'inconclusive';
  return verdicts.length > 0 && verdicts.every((verdict) => verdict === 'measured') ? 'measured' : 'pass';
}
