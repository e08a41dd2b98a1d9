import { type Difference, worst } from '@gauntlet/api';
import { judgeDifference } from '../compare/judge-difference.js';
import type { Refuse } from './refuse.js';

/** What a report says of its baseline: the verdicts have to follow from the samples and the policy. */
export function checkDifference({ cells, policy, verdict }: Difference, refuse: Refuse): void {
  cells.forEach((cell, i) => {
    const compared = cell.newlyBroken.length + cell.newlyFixed.length + cell.unchanged;
    // Of cells that only one run has, or that cannot be compared, no sample is judged: what is new may pass.
    const isNew = cell.verdict === 'pass' && cell.added.length > 0 && cell.missing.length === 0;
    const judged = compared > 0 || cell.pValue !== undefined;
    const follows = judged ? judgeDifference(cell, policy).verdict : isNew ? 'pass' : 'inconclusive';
    if (cell.verdict !== follows)
      refuse(
        `difference.cells[${i}].verdict`,
        `it says ${cell.verdict}, but ${follows} follows from its samples.`,
      );
  });
  const whole = worst(cells.map((cell) => cell.verdict));
  if (verdict !== whole) refuse('difference.verdict', `it says ${verdict}, but its cells make it ${whole}.`);
}
