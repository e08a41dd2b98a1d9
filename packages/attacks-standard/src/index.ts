import { fgsm, type FgsmParams } from './fgsm.js';
import { noise, type NoiseParams } from './noise.js';
import { pgd, type PgdParams } from './pgd.js';

declare module '@gauntlet/api' {
  interface AttackParams {
    pgd: PgdParams;
    fgsm: FgsmParams;
    noise: NoiseParams;
  }
}

export { fgsm, noise, pgd };

export default [pgd, fgsm, noise];
