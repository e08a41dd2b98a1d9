import { corruptions, type CorruptionsParams } from './corruptions.js';
import { transforms, type TransformsParams } from './transforms.js';

declare module '@gauntlet/api' {
  interface AttackParams {
    corruptions: CorruptionsParams;
    transforms: TransformsParams;
  }
}

export { corruptions, transforms };

export default [corruptions, transforms];
