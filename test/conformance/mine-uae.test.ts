import { mineUae } from '@gauntlet/attacks-uae';
import { testConformance } from '../support/conformance.js';

testConformance([
  {
    attack: mineUae,
    params: (norm, epsilon) =>
      norm === 'linf' ? { epsilon, similarity: 'gaussian', iterations: 20, initialC: 10 } : undefined,
  },
  {
    attack: mineUae,
    params: (norm, epsilon) =>
      norm === 'linf'
        ? { epsilon, similarity: 'fast', iterations: 4, mineSteps: 1, warmUp: 1, initialC: 10 }
        : undefined,
  },
  {
    attack: mineUae,
    params: (norm, epsilon) =>
      norm === 'linf'
        ? {
            epsilon,
            similarity: 'positions',
            rule: 'paper',
            iterations: 12,
            mineSteps: 1,
            keepImproving: false,
            initialC: 10,
          }
        : undefined,
  },
]);
