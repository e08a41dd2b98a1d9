import { contrastive } from './criteria/contrastive.js';
import { nearestOther } from './criteria/nearest-other.js';
import { viewSimilarity } from './criteria/view-similarity.js';
import { gaussian, type GaussianParams } from './gaussian.js';
import { l2Uae, type L2UaeParams } from './l2-uae.js';
import { mineUae, type MineUaeParams } from './mine-uae.js';

declare module '@gauntlet/api' {
  interface AttackParams {
    'mine-uae': MineUaeParams;
    'l2-uae': L2UaeParams;
    gaussian: GaussianParams;
  }
}

export { contrastive, gaussian, l2Uae, mineUae, nearestOther, viewSimilarity };

export default [mineUae, l2Uae, gaussian, contrastive, viewSimilarity, nearestOther];
