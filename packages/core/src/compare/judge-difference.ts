import type { CellDifference, RegressionPolicy } from '@gauntlet/api';
import { mcnemarOneSided } from '../4-judge/statistics/paired.js';

type Compared = Pick<CellDifference, 'newlyBroken' | 'newlyFixed' | 'unchanged'>;
type Judgement = Required<Pick<CellDifference, 'verdict' | 'message' | 'pValue'>>;

/** Whether the samples that broke since the baseline are a regression. The one place where that is decided. */
export function judgeDifference(
  { newlyBroken, newlyFixed, unchanged }: Compared,
  { tolerance, significance }: RegressionPolicy,
): Judgement {
  const [broken, fixed] = [newlyBroken.length, newlyFixed.length];
  const judged = broken + fixed + unchanged;
  const pValue = mcnemarOneSided(broken, fixed);
  if (judged === 0) return { pValue, verdict: 'inconclusive', message: 'no sample was judged in both runs.' };
  const allowed = Math.floor(tolerance * judged);
  const shown = significance === undefined || pValue < significance;
  const regression = broken > allowed && shown;
  const counted = `${broken} newly broken, ${fixed} newly fixed, ${unchanged} unchanged of ${judged} (p = ${Number(pValue.toPrecision(2))})`;
  return {
    pValue,
    verdict: regression ? 'fail' : 'pass',
    message: `${counted}; ${reason(regression, broken > allowed, allowed)}.`,
  };
}

function reason(regression: boolean, tooMany: boolean, allowed: number): string {
  if (regression) return `at most ${allowed} may break`;
  return tooMany ? 'the paired test does not show that it is worse' : `up to ${allowed} may break`;
}
