import type { AttackParams } from '@gauntlet/api';

// Names and parameters of the attacks. The compiler leaves an import of types alone out of what it publishes.
export type {} from '@gauntlet/attacks-corruptions';
export type {} from '@gauntlet/attacks-minmax';
export type {} from '@gauntlet/attacks-standard';
export type {} from '@gauntlet/attacks-uae';

/** An attack as a spec names it, with its parameters. */
export interface AttackUse {
  use: string;
  params: object;
}

/** Any attack: a built-in name, a package, package#name, or the path of a plugin, relative to the test file. */
export function attack<K extends keyof AttackParams>(use: K, params?: AttackParams[K]): AttackUse;
export function attack(use: `${string}/${string}` | `${string}#${string}`, params?: object): AttackUse;
export function attack(use: string, params: object = {}): AttackUse {
  return { use, params };
}

export const pgd = (params: AttackParams['pgd']): AttackUse => attack('pgd', params);
export const fgsm = (params: AttackParams['fgsm']): AttackUse => attack('fgsm', params);
export const noise = (params: AttackParams['noise']): AttackUse => attack('noise', params);
export const minmax = (params?: AttackParams['minmax']): AttackUse => attack('minmax', params);
export const penalty = (params?: AttackParams['penalty']): AttackUse => attack('penalty', params);
export const mineUae = (params?: AttackParams['mine-uae']): AttackUse => attack('mine-uae', params);
export const l2Uae = (params?: AttackParams['l2-uae']): AttackUse => attack('l2-uae', params);
export const gaussian = (params: AttackParams['gaussian']): AttackUse => attack('gaussian', params);
