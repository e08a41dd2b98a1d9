import type { Attack, NormName } from '@gauntlet/api';

/** One row of the table: an attack, and how its parameters are made. */
export interface ConformanceRow {
  attack: Attack;
  /** Parameters for a norm and an epsilon, or nothing if the attack has no such norm. A corruption is asked for `linf`. */
  params: (norm: NormName, epsilon: number) => Record<string, unknown> | undefined;
  /** The attack is expected to find a perturbation within 1.25 × the optimum on a linear model (default: true). */
  findsOptimum?: boolean;
  /** It uses up a budget; false for an attack that ends at its first success, however far away. */
  spendsAll?: boolean;
  /** Classes of the linear model (default 2, where every loss points the same way). */
  classes?: number;
  /** What is attacked; the attack's own kind by default, a classifier for attacks on any. */
  victim?: 'classifier' | 'autoencoder';
}

export interface ConformanceCase {
  name: string;
  run: () => Promise<void>;
}
