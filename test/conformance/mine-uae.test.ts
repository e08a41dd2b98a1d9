import { mineUae } from '@gauntlet/attacks-uae';
import { testConformance } from '../support/conformance.js';

testConformance([
  {
    attack: mineUae,
    params: (norm, epsilon) =>
      norm === 'linf' ? { epsilon, similarity: 'gaussian', iterations: 30, initialC: 10 } : undefined,
  },
  {
    attack: mineUae,
    params: (norm, epsilon) =>
      norm === 'linf'
        ? { epsilon, similarity: 'fast', iterations: 6, mineSteps: 2, warmUp: 2, initialC: 10 }
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
            iterations: 20,
            mineSteps: 2,
            keepImproving: false,
            initialC: 10,
          }
        : undefined,
  },
]);
