import type { Expectation, Outcome } from '@gauntlet/api';
import { stopsEarly } from '../1-spec/early.js';
import { standardMeasures } from './open-metrics.js';
import { measureExpectation } from './verdict.js';

/**
 * After how many samples, in the order of the data, all that is expected of a cell is decided; nothing while something is open.
 * It depends on the outcomes and their order alone, not on how they came to be there.
 * @param from So many were looked at before, and decided nothing.
 */
export function decidedAfter(
  expectations: readonly Expectation[],
  outcomes: readonly Outcome[],
  from = 0,
): number | undefined {
  if (!stopsEarly(expectations)) return undefined;
  for (let n = from + 1; n <= outcomes.length; n++) {
    const some = outcomes.slice(0, n);
    if (expectations.every((one) => isDecided(one, some))) return n;
  }
  return undefined;
}

function isDecided(expectation: Expectation, outcomes: readonly Outcome[]): boolean {
  const { min = -Infinity, max = Infinity } = expectation;
  const { interval } = measureExpectation(standardMeasures, expectation, outcomes).measured;
  if (!interval) return false;
  const [low, high] = interval;
  return (low >= min && high <= max) || low > max || high < min;
}
