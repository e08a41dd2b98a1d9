import { fmn } from '@gauntlet/attacks-standard';
import { testConformance } from '../support/conformance.js';

testConformance([
  { attack: fmn, params: (norm, epsilon) => ({ norm, epsilon, steps: 30 }) },
  { attack: fmn, params: (norm, epsilon) => ({ norm, epsilon, steps: 30 }), classes: 4 },
]);
