import { type Check, count } from './check.js';
import { hasAgreeingSearch } from './agreeing-search.js';

/**
 * What held a gradient that is made up may hold for that reason: the gradient of the identity is that of a step only roughly.
 * Source: Athalye, Carlini, Wagner 2018, section 4.1.
 */
export const straightThroughAlone: Check = {
  code: 'straight-through-alone',
  weight: 'weak',
  find(evidence) {
    const { cell, victim, held } = evidence;
    if (!cell.usesGradients || !victim.straightThrough || held.length === 0) return undefined;
    if (hasAgreeingSearch(evidence)) return undefined;
    return {
      samples: held,
      message: `${count(held.length, 'sample')} held an attack whose gradients pass straight through ${victim.straightThrough.join(', ')}, and no other attack says the same. Add an attack that searches without gradients (square, or hop-skip-jump with an epsilon) under the same norm and epsilon.`,
    };
  },
};
