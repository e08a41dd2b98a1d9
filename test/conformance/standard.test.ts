import { standard } from '@gauntlet/attacks-standard';
import { testConformance } from '../support/conformance.js';

testConformance([
  { attack: standard, params: (norm, epsilon) => (norm === 'l1' ? undefined : { norm, epsilon }) },
]);
