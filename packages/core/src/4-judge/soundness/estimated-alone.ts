import type { Check } from './check.js';
import { hasAgreeingSearch } from './agreeing-search.js';

/**
 * Estimated gradients that break nothing say little: estimates fail more often than models hold. They count if an attack that
 * searches without gradients, under the same threat, breaks nothing more.
 */
export const estimatedAlone: Check = {
  code: 'estimated-alone',
  weight: 'weak',
  find(evidence) {
    const { cell, victim, attacked, held } = evidence;
    if (!cell.usesGradients || victim.gradients === 'exact' || attacked.length === 0) return undefined;
    if (held.length < attacked.length || hasAgreeingSearch(evidence)) return undefined;
    return {
      message:
        'Estimated gradients broke nothing, and no other attack says the same. Add an attack that searches without gradients (square, or hop-skip-jump with an epsilon) under the same norm and epsilon.',
    };
  },
};
