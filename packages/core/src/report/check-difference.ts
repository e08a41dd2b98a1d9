import { type CellDifference, type Difference, worst } from '@gauntlet/api';
import { judgeDifferences } from '../compare/judge-difference.js';
import type { Refuse } from './refuse.js';

/** What a report says of its baseline: the verdicts have to follow from the samples and the policy. */
export function checkDifference({ cells, policy, verdict }: Difference, refuse: Refuse): void {
  const isJudged = ({ newlyBroken, newlyFixed, unchanged, pValue }: CellDifference) =>
    newlyBroken.length + newlyFixed.length + unchanged > 0 || pValue !== undefined;
  const judged = cells.filter(isJudged);
  const judgements = judgeDifferences(judged, policy);
  cells.forEach((cell, i) => {
    // Of cells that only one run has, or that cannot be compared, no sample is judged: what is new may pass.
    const isNew = cell.verdict === 'pass' && cell.added.length > 0 && cell.missing.length === 0;
    const judgement = judgements[judged.indexOf(cell)];
    const follows = judgement?.verdict ?? (isNew ? 'pass' : 'inconclusive');
    if (cell.verdict !== follows)
      refuse(
        `difference.cells[${i}].verdict`,
        `it says ${cell.verdict}, but ${follows} follows from its samples.`,
      );
  });
  const whole = worst(cells.map((cell) => cell.verdict));
  if (verdict !== whole) refuse('difference.verdict', `it says ${verdict}, but its cells make it ${whole}.`);
}
