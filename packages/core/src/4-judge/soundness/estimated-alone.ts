import { mcnemarOneSided } from '../statistics/paired.js';
import { type Check, type Evidence, type MeasuredCell } from './check.js';
import { effortOf, sameThreat } from './effort.js';

/**
 * Estimated gradients that break nothing say little: estimates fail more often than models hold. They count if an attack that
 * searches without gradients, under the same threat, breaks nothing more. Source: Carlini et al. 2019, "try gradient-free
 * attacks".
 */
export const estimatedAlone: Check = {
  code: 'estimated-alone',
  weight: 'weak',
  find(evidence) {
    const { cell, victim, attacked, held, siblings } = evidence;
    if (!cell.usesGradients || victim.gradients === 'exact' || attacked.length === 0) return undefined;
    if (held.length < attacked.length || siblings.some((one) => agrees(one, evidence))) return undefined;
    return {
      message:
        'Estimated gradients broke nothing, and no other attack says the same. Add an attack that searches without gradients (square, or hop-skip-jump with an epsilon) under the same norm and epsilon.',
    };
  },
};

function agrees(sibling: MeasuredCell, { cell }: Evidence): boolean {
  if (effortOf(sibling) !== 'search' || !sameThreat(sibling, cell)) return false;
  if (sibling.threat.epsilon < cell.threat.epsilon) return false;
  const broken = sibling.outcomes.filter(({ status }) => status === 'broken').length;
  return mcnemarOneSided(broken, 0) >= 0.05;
}
