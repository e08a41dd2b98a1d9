import { l2Uae } from '@gauntlet/attacks-uae';
import { testConformance } from '../support/conformance.js';

testConformance([
  { attack: l2Uae, params: (norm, epsilon) => (norm === 'linf' ? { epsilon, initialC: 10 } : undefined) },
  {
    attack: l2Uae,
    params: (norm, epsilon) => (norm === 'linf' ? { epsilon, distance: 'squared', initialC: 10 } : undefined),
  },
]);
