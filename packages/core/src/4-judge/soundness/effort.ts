import type { MeasuredCell } from './check.js';

/** Forward passes of a sample from which on an attack without gradients can be a search. */
const searching = 50;

/** What an attack can do: draw at random, take one gradient step, search by outputs alone, follow gradients. */
export type Effort = 'noise' | 'single step' | 'search' | 'many steps';

export function effortOf({ usesGradients, use, outcomes }: MeasuredCell): Effort {
  const most = (of: 'gradients' | 'forwards') =>
    outcomes.reduce((largest, one) => Math.max(largest, one[of] ?? 0), 0);
  // What broke by an example of an earlier run shows no effort of this one's.
  if (outcomes.some(({ example }) => example === 'broken')) return usesGradients ? 'many steps' : 'search';
  if (!usesGradients) return most('forwards') < searching || use === 'noise' ? 'noise' : 'search';
  // An estimated gradient is counted as the forward passes that it takes: about 50.
  const gradients = most('gradients') || most('forwards') / searching;
  return gradients < 2 ? 'single step' : 'many steps';
}

/** Same norm or family, target and goal: a perturbation of one is a perturbation of the other, if it is short enough. */
export const sameThreat = (a: MeasuredCell, b: MeasuredCell): boolean =>
  a.threat.norm === b.threat.norm &&
  a.threat.family === b.threat.family &&
  (a.threat.target ?? null) === (b.threat.target ?? null) &&
  (a.criterion ?? null) === (b.criterion ?? null);

/** Samples that one cell broke and the other, which attacked them too, did not; and the other way round. */
export function paired(
  one: MeasuredCell,
  other: MeasuredCell,
): { only: ReadonlySet<number>; onlyOther: number } {
  const status = new Map(other.outcomes.map((outcome) => [outcome.index, outcome.status]));
  const only = new Set<number>();
  let onlyOther = 0;
  for (const { index, status: mine } of one.outcomes) {
    const its = status.get(index);
    if (mine === 'broken' && its === 'held') only.add(index);
    if (mine === 'held' && its === 'broken') onlyOther++;
  }
  return { only, onlyOther };
}
