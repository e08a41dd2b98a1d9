import { isMet, type Outcome, unassessed } from '@gauntlet/api';
import type { LoadedVictim } from '../victims/loaded-victim.js';
import { refereeing } from './by-kind.js';
import type { CleanSide } from './judge.js';
import type { Batch } from './seen.js';

/** The outcome of a sample that needs no attack, or nothing. */
export function withoutAttack(
  victim: LoadedVictim,
  batch: Batch,
  row: number,
  { seen, misclassified, criterion, goalSource }: CleanSide,
): Outcome | undefined {
  const index = batch.indices[row];
  if (!seen.finite[row])
    return unassessed(index, 'the victim gives NaN or infinite outputs for the clean input');
  const size = batch.clean.length / batch.indices.length;
  const before = refereeing[victim.traits.kind].before(seen, row, { ...batch, size });
  const skipped = (reason: string): Outcome => ({ index, ...before, status: 'skipped', reason });
  if (misclassified && isMet(misclassified[row])) return skipped('misclassified before the attack');
  // At 0, a criterion that compares with the clean input is where it begins.
  if (!criterion || !(criterion[row] < 0)) return undefined;
  return skipped(
    goalSource === 'spec' ? 'the criterion is met before the attack' : 'already the target class',
  );
}
