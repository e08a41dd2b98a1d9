import { minmax, type MinMaxParams } from './minmax.js';
import { penalty, type PenaltyParams } from './penalty.js';

declare module '@gauntlet/api' {
  interface AttackParams {
    minmax: MinMaxParams;
    penalty: PenaltyParams;
  }
}

export { minmax, penalty };

export default [minmax, penalty];
