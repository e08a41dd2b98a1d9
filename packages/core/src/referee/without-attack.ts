import type { LoadedVictim } from '../victims/loaded-victim.js';
import type { Batch, Judgement } from './judge.js';
import { unassessed, type Outcome } from './outcome.js';

/** The outcome of a sample that needs no attack, or nothing. */
export function withoutAttack(
  victim: LoadedVictim,
  batch: Batch,
  row: number,
  clean: Judgement,
  index: number,
): Outcome | undefined {
  if (!clean.finite[row])
    return unassessed(index, 'the victim gives NaN or infinite outputs for the clean input');
  const metBefore = clean.criterion !== undefined && clean.criterion[row] < 0;
  if (victim.traits.kind === 'autoencoder') {
    const cleanLoss = clean.loss[row];
    if (metBefore)
      return { index, status: 'skipped', reason: 'the criterion is met before the attack', cleanLoss };
    return undefined;
  }
  const [label, target, prediction] = [batch.labels![row], batch.targets?.[row], clean.prediction[row]];
  const seen = {
    index,
    label,
    target,
    cleanPrediction: prediction,
    cleanConfidence: clean.confidence[row],
    cleanLoss: clean.loss[row],
  };
  if (prediction !== label) return { ...seen, status: 'skipped', reason: 'misclassified before the attack' };
  if (metBefore) return { ...seen, status: 'skipped', reason: 'the criterion is met before the attack' };
  if (prediction === target) return { ...seen, status: 'skipped', reason: 'already the target class' };
  return undefined;
}
