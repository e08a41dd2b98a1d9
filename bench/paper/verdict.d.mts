export type Verdict = 'agrees' | 'does not agree' | 'cannot be said';
type Interval = readonly [low: number, high: number];
export function judgeShare(
  published: number | undefined,
  interval: Interval | undefined,
  precision?: number,
): Verdict;
export function judgeMean(
  published: number | undefined,
  ours: { mean?: number; interval?: Interval },
  precision?: number,
): Verdict;
export function judgeOrder(sign: 1 | -1, interval: Interval | undefined): Verdict;
