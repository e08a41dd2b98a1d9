import { apgd, apgdT } from '@gauntlet/attacks-standard';
import { testConformance } from '../support/conformance.js';

testConformance([
  {
    attack: apgd,
    params: (norm, epsilon) => (norm === 'l1' ? undefined : { norm, epsilon, steps: 20 }),
  },
  {
    attack: apgd,
    params: (norm, epsilon) =>
      norm === 'l1' ? undefined : { norm, epsilon, steps: 20, loss: 'dlr', restarts: 2 },
    classes: 4,
  },
  {
    attack: apgd,
    params: (norm, epsilon) => (norm === 'l1' ? undefined : { norm, epsilon, steps: 20, loss: 'goal' }),
    classes: 3,
  },
  {
    attack: apgdT,
    params: (norm, epsilon) => (norm === 'l1' ? undefined : { norm, epsilon, steps: 10, targets: 3 }),
    classes: 5,
  },
  {
    attack: apgdT,
    params: (norm, epsilon) => (norm === 'l1' ? undefined : { norm, epsilon, steps: 10 }),
  },
]);
