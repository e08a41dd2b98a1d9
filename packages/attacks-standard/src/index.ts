import { apgd, type ApgdParams } from './apgd.js';
import { apgdT, type ApgdTParams } from './apgd-t.js';
import { ddn, type DdnParams } from './ddn.js';
import { fgsm, type FgsmParams } from './fgsm.js';
import { fmn, type FmnParams } from './fmn.js';
import { noise, type NoiseParams } from './noise.js';
import { pgd, type PgdParams } from './pgd.js';
import { square, type SquareParams } from './square.js';
import { standard, type StandardParams } from './standard.js';

declare module '@gauntlet/api' {
  interface AttackParams {
    apgd: ApgdParams;
    'apgd-t': ApgdTParams;
    pgd: PgdParams;
    fgsm: FgsmParams;
    fmn: FmnParams;
    ddn: DdnParams;
    square: SquareParams;
    standard: StandardParams;
    noise: NoiseParams;
  }
}

export { apgd, apgdT, ddn, fgsm, fmn, noise, pgd, square, standard };

export default [standard, pgd, apgd, apgdT, fgsm, fmn, ddn, square, noise];
