import { fgsm, type FgsmParams } from './fgsm.js';
import { minmax, type MinMaxParams } from './minmax.js';
import { noise, type NoiseParams } from './noise.js';
import { penalty, type PenaltyParams } from './penalty.js';
import { pgd, type PgdParams } from './pgd.js';

declare module '@gauntlet/core' {
  interface AttackParams {
    pgd: PgdParams;
    fgsm: FgsmParams;
    noise: NoiseParams;
    minmax: MinMaxParams;
    penalty: PenaltyParams;
  }
}

export { fgsm, minmax, noise, penalty, pgd };

export default [pgd, fgsm, noise, minmax, penalty];
