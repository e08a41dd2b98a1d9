/**
 * Rules by which a row is held against the paper's.
 *
 * A number agrees if the paper's lies in our 95 % interval, and the interval is narrow enough to say so; it does not agree if the
 * paper's lies outside. An order agrees if the 95 % interval of the difference lies on the paper's side of 0, and does not if it
 * lies on the other. Everything else cannot be said.
 */
export const verdicts = { agrees: 'agrees', differs: 'does not agree', unknown: 'cannot be said' };

/** Of a success rate or a gain: how wide an interval may be from which "agrees" is said. */
const widestShare = 0.2;

/** Of a mean, as a share of it. */
const widestMean = 0.5;

/** A published number beside an interval of ours; `precision`, that of the published number, widens it. */
function judge(published, interval, precision, widest) {
  if (published === undefined || interval === undefined) return verdicts.unknown;
  const [low, high] = interval;
  if (published < low - precision || published > high + precision) return verdicts.differs;
  return high - low > widest ? verdicts.unknown : verdicts.agrees;
}

/** A success rate or a gain, as shares of 1. */
export const judgeShare = (published, interval, precision = 0) =>
  judge(published, interval, precision, widestShare);

export const judgeMean = (published, { mean, interval }, precision = 0) =>
  judge(published, interval, precision, widestMean * mean);

/** Whether differences (first minus second) are above 0 (`sign` 1) or below (−1), as the paper has them. */
export function judgeOrder(sign, interval) {
  if (interval === undefined) return verdicts.unknown;
  const [low, high] = interval.map((end) => sign * end).sort((a, b) => a - b);
  return low > 0 ? verdicts.agrees : high < 0 ? verdicts.differs : verdicts.unknown;
}
