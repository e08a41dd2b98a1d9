import { square } from '@gauntlet/attacks-standard';
import { testConformance } from '../support/conformance.js';

testConformance([
  {
    attack: square,
    params: (norm, epsilon) => (norm === 'linf' ? { norm, epsilon, queries: 400 } : undefined),
  },
  {
    attack: square,
    // Its smallest bump covers 3 × 3 of the 6 × 6 pixels, so that no other direction is found.
    params: (norm, epsilon) => (norm === 'l2' ? { norm, epsilon, queries: 100 } : undefined),
    findsOptimum: false,
  },
  {
    attack: square,
    params: (norm, epsilon) => (norm === 'l1' ? undefined : { norm, epsilon, queries: 30 }),
    findsOptimum: false,
    victim: 'autoencoder',
  },
]);
