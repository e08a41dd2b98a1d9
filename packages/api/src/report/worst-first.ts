import type { Outcome } from './outcome.js';

/**
 * Positions of the outcomes a person wants to look at first: those that speak against the victim most clearly, or
 * those about which nothing can be said.
 */
export function worstFirst(outcomes: readonly Outcome[]): number[] {
  const rank = (one: Outcome) => (one.status === 'broken' ? (one.l2 ?? Infinity) : Infinity);
  const positions = (status: Outcome['status']) =>
    [...outcomes.keys()].filter((i) => outcomes[i].status === status);
  const broken = positions('broken').sort((a, b) => rank(outcomes[a]) - rank(outcomes[b]));
  return broken.length > 0 ? broken : positions('unassessed');
}
