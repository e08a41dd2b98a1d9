import type { Progress } from '@gauntlet/api';
import { type Check, count, hasStandardGoal } from './check.js';

/**
 * Samples that would be broken if the attack went on: twice the looks at the pace of the last tenth. Source: Carlini et al.
 * 2019, "verify that attacks have converged"; Pintor et al. 2022.
 */
export const stillRising: Check = {
  code: 'still-rising',
  weight: 'weak',
  find(evidence) {
    const { cell, attacked, held } = evidence;
    if (!cell.usesGradients || !hasStandardGoal(evidence)) return undefined;
    const near = held.filter(({ progress }) => progress && wouldBreak(progress));
    if (near.length <= 0.05 * attacked.length || near.length < 2) return undefined;
    return {
      samples: near,
      message: `The attack was still getting nearer when it ended: ${near.length} of ${count(attacked.length, 'sample')} would be broken with twice the steps at that pace. Give it more steps.`,
    };
  },
};

function wouldBreak({ looks, start, late, lateLooks, end }: Progress): boolean {
  if (looks < 5 || lateLooks === 0) return false;
  const pace = (late - end) / lateLooks;
  const whole = (start - end) / (looks - 1);
  return pace > 0 && pace >= 0.7 * whole && end - pace * looks <= 0;
}
