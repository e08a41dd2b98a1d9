/**
 * Rules by which a row is held against the paper's.
 *
 * A number agrees if the paper's lies in our 95 % interval. An order agrees if the 95 % interval of the difference lies on
 * the paper's side of 0, and does not if it lies on the other. Everything else cannot be said.
 */
export const verdicts = { agrees: 'agrees', differs: 'does not agree', unknown: 'cannot be said' };

/** A published number beside an interval of ours; `within` widens it by the precision the number was published in. */
export function judgeNumber(published, interval, precision = 0) {
  if (published === undefined || interval === undefined) return verdicts.unknown;
  const [low, high] = interval;
  return published >= low - precision && published <= high + precision ? verdicts.agrees : verdicts.differs;
}

/** Whether differences (first minus second) are above 0 (`sign` 1) or below (−1), as the paper has them. */
export function judgeOrder(sign, interval) {
  if (interval === undefined) return verdicts.unknown;
  const [low, high] = interval.map((end) => sign * end).sort((a, b) => a - b);
  return low > 0 ? verdicts.agrees : high < 0 ? verdicts.differs : verdicts.unknown;
}
