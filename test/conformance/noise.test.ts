import { noise } from '@gauntlet/attacks-standard';
import { gaussian } from '@gauntlet/attacks-uae';
import { testConformance } from '../support/conformance.js';

testConformance([
  { attack: noise, params: (norm, epsilon) => ({ norm, epsilon, draws: 3 }), findsOptimum: false },
  {
    attack: noise,
    params: (norm, epsilon) => ({ norm, epsilon, draws: 3 }),
    findsOptimum: false,
    victim: 'autoencoder',
  },
  {
    attack: gaussian,
    params: (norm, epsilon) => (norm === 'linf' ? { sigma: epsilon } : undefined),
    findsOptimum: false,
  },
  {
    attack: gaussian,
    params: (norm, epsilon) => (norm === 'linf' ? { sigma: epsilon } : undefined),
    findsOptimum: false,
    victim: 'autoencoder',
  },
]);
