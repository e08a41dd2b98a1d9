import type { CellReport, ExpectationResult, Report, Verdict } from '@gauntlet/api';

/** A verdict, and whom it is about: pass and fail are about the model, the last two about an attack that was to work. */
export type Standing = Verdict | 'worked' | 'weak';

export const marks: Record<Standing, string> = {
  pass: '✓ pass',
  fail: '✗ fail',
  inconclusive: '? inconclusive',
  measured: '· measured',
  worked: '✓ worked',
  weak: '✗ too weak',
};

/** What the last two mean, for where they are shown. */
export const attackMarks = '"worked" and "too weak" are about an attack of which the spec expects success.';

/** The stronger an attack, the more of these. */
const ofAttacks: ReadonlySet<string> = new Set(['asr', 'mi', 'mi.relative', 'mi.own', 'ssim']);

/** Whether a limit can only be missed by an attack that is too weak, such as `asr: { min: 0.9 }`. */
const asksOfAttack = ({ metric, min, max }: ExpectationResult): boolean =>
  metric === 'robustAccuracy' ? min === undefined : max === undefined && ofAttacks.has(metric);

/** What a cell's verdict comes to: of the attack, where only limits about that decide it, otherwise of the model. */
export function standingOf({
  verdict,
  expectations,
}: Pick<CellReport, 'verdict' | 'expectations'>): Standing {
  if (verdict !== 'pass' && verdict !== 'fail') return verdict;
  const deciding = expectations.filter((one) => one.verdict === verdict);
  if (deciding.length === 0 || !deciding.every(asksOfAttack)) return verdict;
  return verdict === 'pass' ? 'worked' : 'weak';
}

/** Whether a report says one of the two. */
export const judgesAttacks = ({ cells }: Report): boolean =>
  cells.some((cell) => ['worked', 'weak'].includes(standingOf(cell)));
