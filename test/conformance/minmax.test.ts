import { minmax } from '@gauntlet/attacks-minmax';
import { testConformance } from '../support/conformance.js';
import halfway from '../../examples/plugins/attack/halfway.mjs';

testConformance([
  {
    attack: minmax,
    params: (norm, epsilon) =>
      norm === 'linf' ? { epsilon, similarity: 'gaussian', iterations: 40, initialC: 100 } : undefined,
  },
  {
    attack: minmax,
    params: (norm, epsilon) =>
      norm === 'linf'
        ? { epsilon, similarity: 'positions', iterations: 30, keepImproving: false }
        : undefined,
  },
  {
    attack: minmax,
    // Few: a random projection of each image costs as much as thousands of its pixels.
    params: (norm, epsilon) => (norm === 'linf' ? { epsilon, similarity: 'fast', iterations: 5 } : undefined),
  },
  { attack: halfway, params: (norm, epsilon) => (norm === 'linf' ? { epsilon } : undefined) },
]);
