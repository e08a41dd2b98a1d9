import { GauntletError } from '../errors/gauntlet-error.js';

export type NormName = 'linf' | 'l2' | 'l1';

/** How a perturbation is measured: by a norm, or by the number of values that it changes (`l0`). */
export type LengthName = NormName | 'l0';

/** What an attack may do to an input. The referee holds every returned sample against it. */
export interface ThreatModel {
  /** Absent: δ is bounded by a norm, or by the box alone. `corruption`: only the images of a family, which the referee makes again. */
  kind?: 'corruption';
  /** Of kind `corruption`: the family in words. Cells of other words have another threat model. */
  family?: string;
  /** How δ is measured. `none`: only the box binds. */
  norm: LengthName | 'none';
  /** Largest length of δ, in input units (of `l0`: values); ignored for `none`. */
  epsilon: number;
  /** Targeted: a class index, or `next` for (label + 1) mod classes. Absent or null: untargeted. */
  target?: Target;
  /** What the spec allows besides (`threat`), if it says so. The referee holds every sample to both; attacks never see it. */
  also?: Ball;
  /** What the spec says of single features. The victim that an attack sees keeps to it, and the referee checks it. */
  features?: FeatureRules;
}

/** What binds single features of an input, by their positions in [h·w·c]: of tables, where not everything may be changed. */
export interface FeatureRules {
  /** These keep their value. */
  immutable?: number[];
  /** Smallest and largest value of single features, within the victim's bounds. */
  bounds?: Record<string, [low: number, high: number]>;
}

/** Perturbations no longer than epsilon. */
export interface Ball {
  norm: LengthName;
  /** In input units (of `l0`: values), at least 0. */
  epsilon: number;
}

export type Target = number | 'next' | null;

/** The class each sample is to be taken for, or nothing for an untargeted attack. */
export function resolveTargets(
  labels: Int32Array | undefined,
  classes: number,
  target: Target | undefined,
): Int32Array | undefined {
  if (target === undefined || target === null || !labels) return undefined;
  if (typeof target === 'number' && target >= classes) {
    throw new GauntletError(
      'attack-params',
      `The target class ${target} is not one of the victim's ${classes} (0 to ${classes - 1}).`,
    );
  }
  return target === 'next' ? labels.map((label) => (label + 1) % classes) : labels.map(() => target);
}
