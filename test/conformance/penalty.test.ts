import { penalty } from '@gauntlet/attacks-minmax';
import { testConformance } from '../support/conformance.js';

testConformance([
  {
    attack: penalty,
    params: (norm, epsilon) =>
      norm === 'linf' ? { epsilon, similarity: 'gaussian', searches: 4, iterations: 20 } : undefined,
  },
]);
