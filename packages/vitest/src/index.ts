import './matchers.js';

export type { LimitOptions, On, WithstandOptions } from './matchers.js';
export {
  attack,
  fgsm,
  gaussian,
  l2Uae,
  mineUae,
  minmax,
  noise,
  penalty,
  pgd,
  type AttackUse,
} from './attacks.js';
export { digits, type DatasetInput, type InMemoryData } from './data.js';
export {
  autoencoder,
  classifier,
  encoder,
  type InMemoryModel,
  type ModelInCode,
  type RemoteModel,
  type Victim,
} from './victims.js';
export { gauntlet } from './plugin.js';
