import { type Outcome, wasRight } from '@gauntlet/api';
import { type Check, percent } from './check.js';
import { wilson } from '../statistics/intervals.js';

/** A model that knows nothing has nothing to lose. Source: Carlini et al. 2019, "report clean accuracy". */
export const nearChance: Check = {
  code: 'near-chance',
  weight: 'weak',
  find({ cell: { outcomes }, victim: { kind, classes, multiLabel } }) {
    if (kind !== 'classifier') return undefined;
    const judged = outcomes.filter((one) => wasRight(one) !== undefined && one.status !== 'unassessed');
    const right = judged.filter(wasRight).length;
    if (judged.length < 5) return undefined;
    const [low] = wilson(right, judged.length, 0.95);
    const chance = multiLabel ? commonest(judged) / judged.length : 1 / classes;
    if (low > chance || right / judged.length > 0.5 + 0.5 * chance) return undefined;
    const guess = multiLabel
      ? 'saying the commonest set of labels of every sample'
      : `guessing among ${classes} classes`;
    return {
      message: `The model is right on ${right} of ${judged.length} samples (${percent(right / judged.length)}), which ${guess} can give. Look at the labels, the bounds and the preprocessing.`,
    };
  },
};

/** How many samples have the set of labels that most of them have. */
function commonest(outcomes: readonly Outcome[]): number {
  const counts = new Map<string, number>();
  for (const { labels } of outcomes) counts.set(String(labels), (counts.get(String(labels)) ?? 0) + 1);
  return Math.max(...counts.values());
}
