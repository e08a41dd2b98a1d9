import type { CellDifference, RegressionPolicy } from '@gauntlet/api';
import { holm, mcnemarOneSided } from '../4-judge/statistics/paired.js';

type Compared = Pick<CellDifference, 'newlyBroken' | 'newlyFixed' | 'unchanged'>;
type Judgement = Required<Pick<CellDifference, 'verdict' | 'message' | 'pValue'>>;

/**
 * Whether the samples that broke since the baseline are a regression, for all cells that were compared: the level of the test
 * is that of all of them together. The one place where that is decided.
 */
export function judgeDifferences(all: readonly Compared[], policy: RegressionPolicy): Judgement[] {
  const pValues = all.map(({ newlyBroken, newlyFixed }) =>
    mcnemarOneSided(newlyBroken.length, newlyFixed.length),
  );
  const corrected = holm(pValues);
  return all.map((one, i) =>
    judge(one, policy, { own: pValues[i], corrected: corrected[i], of: all.length }),
  );
}

/** A p-value, and what Holm's correction makes of it among so many. */
interface PValue {
  own: number;
  corrected: number;
  of: number;
}

function judge(
  { newlyBroken, newlyFixed, unchanged }: Compared,
  { tolerance, significance }: RegressionPolicy,
  p: PValue,
): Judgement {
  const [broken, fixed] = [newlyBroken.length, newlyFixed.length];
  const judged = broken + fixed + unchanged;
  const pValue = p.own;
  if (judged === 0) return { pValue, verdict: 'inconclusive', message: 'no sample was judged in both runs.' };
  const allowed = Math.floor(tolerance * judged);
  const tooMany = broken > allowed;
  const tested = significance !== undefined;
  const regression = tooMany && (!tested || p.corrected < significance);
  const counted = `${broken} newly broken, ${fixed} newly fixed, ${unchanged} unchanged of ${judged} (${said(p, tested)})`;
  const reason = regression
    ? failure(allowed, significance)
    : tooMany
      ? notShown
      : `up to ${allowed} may break`;
  return { pValue, verdict: regression ? 'fail' : 'pass', message: `${counted}; ${reason}.` };
}

const notShown = 'the paired test does not show that it is worse';

const failure = (allowed: number, significance: number | undefined): string =>
  significance === undefined
    ? `at most ${allowed} may break`
    : `the paired test shows at ${significance} that it is worse${allowed > 0 ? `, and at most ${allowed} may break` : ''}`;

const said = ({ own, corrected, of }: PValue, tested: boolean): string =>
  `p = ${short(own)}${tested && of > 1 ? `, ${short(corrected)} among ${of} cells` : ''}`;

const short = (value: number) => Number(value.toPrecision(2));
