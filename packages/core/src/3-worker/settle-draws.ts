import { isMet } from '@gauntlet/api';

/** What repeated looks at the same samples say together. */
export interface Settled {
  /** [n] of the draws, how many met the criterion. */
  shares: Float64Array;
  /** [n] the first draw that is like the whole: met where enough are. */
  typical: Int32Array;
}

/**
 * A criterion is met for a sample if it is met in at least this share of the draws.
 * @param criteria Of each draw the values [n].
 */
export function settleDraws(criteria: readonly Float32Array[], share: number): Settled {
  const draws = criteria.length;
  const n = criteria[0].length;
  const shares = new Float64Array(n);
  const typical = new Int32Array(n);
  for (let i = 0; i < n; i++) {
    const met = criteria.map((values) => isMet(values[i]));
    shares[i] = met.filter(Boolean).length / draws;
    typical[i] = met.indexOf(shares[i] >= share);
  }
  return { shares, typical };
}
