import { apgd, type ApgdParams } from './apgd.js';
import { apgdT, type ApgdTParams } from './apgd-t.js';
import { fgsm, type FgsmParams } from './fgsm.js';
import { noise, type NoiseParams } from './noise.js';
import { pgd, type PgdParams } from './pgd.js';

declare module '@gauntlet/api' {
  interface AttackParams {
    apgd: ApgdParams;
    'apgd-t': ApgdTParams;
    pgd: PgdParams;
    fgsm: FgsmParams;
    noise: NoiseParams;
  }
}

export { apgd, apgdT, fgsm, noise, pgd };

export default [pgd, apgd, apgdT, fgsm, noise];
