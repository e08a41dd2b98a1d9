import { carliniWagner, ddn, deepfool, fmn, hopSkipJump } from '@gauntlet/attacks-standard';
import { testConformance } from '../support/conformance.js';

testConformance([
  { attack: fmn, params: (norm, epsilon) => ({ norm, epsilon, steps: 40 }) },
  {
    attack: fmn,
    // The criterion leads to the runner-up, which need not be the class that is nearest in L1.
    params: (norm, epsilon) => (norm === 'l1' ? undefined : { norm, epsilon, steps: 30 }),
    classes: 4,
  },
  {
    attack: ddn,
    params: (norm, epsilon) => (norm === 'l2' ? { epsilon, steps: 30 } : undefined),
    classes: 3,
  },
  {
    attack: carliniWagner,
    params: (norm, epsilon) =>
      norm === 'l2' ? { epsilon, searches: 5, steps: 100, stepSize: 0.003, initialConstant: 0.1 } : undefined,
    classes: 3,
  },
  {
    attack: deepfool,
    params: (norm, epsilon) => (norm === 'l1' ? undefined : { norm, epsilon }),
    classes: 10,
    // On a linear model one step is enough.
    spendsAll: false,
  },
  {
    attack: hopSkipJump,
    params: (norm, epsilon) => (norm === 'l1' ? undefined : { norm, epsilon, queries: 1500 }),
  },
]);
