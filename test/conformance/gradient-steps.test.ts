import { fgsm, pgd } from '@gauntlet/attacks-minmax';
import { testConformance } from '../support/conformance.js';

testConformance([
  { attack: pgd, params: (norm, epsilon) => ({ norm, epsilon, steps: 20 }) },
  {
    attack: pgd,
    params: (norm, epsilon) => ({ norm, epsilon, steps: 10, loss: 'dlr', restarts: 2, keepImproving: true }),
    classes: 4,
  },
  {
    attack: pgd,
    params: (norm, epsilon) => ({ norm, epsilon, steps: 20, loss: 'margin', randomStart: false }),
  },
  { attack: fgsm, params: (norm, epsilon) => ({ norm, epsilon, loss: 'margin' }) },
]);
