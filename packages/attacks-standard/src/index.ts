import { apgd, type ApgdParams } from './apgd.js';
import { apgdT, type ApgdTParams } from './apgd-t.js';
import { carliniWagner, type CarliniWagnerParams } from './carlini-wagner.js';
import { ddn, type DdnParams } from './ddn.js';
import { deepfool, type DeepfoolParams } from './deepfool.js';
import { fgsm, type FgsmParams } from './fgsm.js';
import { fmn, type FmnParams } from './fmn.js';
import { hopSkipJump, type HopSkipJumpParams } from './hop-skip-jump.js';
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
    cw: CarliniWagnerParams;
    deepfool: DeepfoolParams;
    'hop-skip-jump': HopSkipJumpParams;
    square: SquareParams;
    standard: StandardParams;
    noise: NoiseParams;
  }
}

export { apgd, apgdT, carliniWagner, ddn, deepfool, fgsm, fmn, hopSkipJump, noise, pgd, square, standard };

export default [
  standard,
  pgd,
  apgd,
  apgdT,
  fgsm,
  fmn,
  ddn,
  carliniWagner,
  deepfool,
  square,
  hopSkipJump,
  noise,
];
