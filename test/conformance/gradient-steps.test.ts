import { fgsm, pgd } from '@gauntlet/attacks-standard';
import { testConformance } from '../support/conformance.js';

testConformance([
  { attack: pgd, params: (norm, epsilon) => ({ norm, epsilon, steps: 20 }) },
  {
    attack: pgd,
    // The ratio ascends towards the runner-up, which need not be the class that is nearest in L1.
    params: (norm, epsilon) =>
      norm === 'l1' ? undefined : { norm, epsilon, steps: 10, loss: 'dlr', restarts: 2, keepImproving: true },
    classes: 4,
  },
  {
    attack: pgd,
    params: (norm, epsilon) => ({ norm, epsilon, steps: 20, loss: 'margin', randomStart: false }),
  },
  {
    attack: pgd,
    params: (norm, epsilon) => ({ norm, epsilon, steps: 10, loss: 'goal', keepImproving: true }),
    classes: 3,
  },
  { attack: fgsm, params: (norm, epsilon) => ({ norm, epsilon }) },
  { attack: fgsm, params: (norm, epsilon) => ({ norm, epsilon, loss: 'margin' }) },
]);
