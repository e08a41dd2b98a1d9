import type * as tf from '@tensorflow/tfjs-core';
import type { AnyVictim } from '../victims/victim.js';
import type { Goal } from './criteria.js';
import type { LabelsOf, VictimKind } from './define-attack.js';
import type { ParamsOf, ParamsSchema } from './params.js';

/** The clean side that a criterion is bound to. Tensors in here belong to the host. */
export interface CriterionContext<P, K extends VictimKind> {
  victim: AnyVictim;
  /** [n,h,w,c] clean inputs */
  x: tf.Tensor4D;
  /** [n] true classes; undefined for data without labels. */
  labels: LabelsOf[K];
  /** [n] classes to aim at, if the attack is targeted. */
  targets?: Int32Array;
  /** Validated, defaults filled in. */
  params: P;
}

export interface CriterionDefinition<S extends ParamsSchema, K extends VictimKind> {
  /** Lower-case. */
  name: string;
  /** Counts up whenever the same parameters judge differently. */
  version: number;
  victim: K;
  description: string;
  params: S;
  /**
   * Looks at the clean inputs once and gives the criterion for any of them: one number per sample, met where ≤ 0.
   * A sample's number must depend on that sample alone. Both the attacks and the referee use it; samples whose
   * clean input has a number below 0 need no attack and are skipped. One that cannot do without labels throws.
   */
  open(context: CriterionContext<ParamsOf<S>, K>): Goal | Promise<Goal>;
}

/** A criterion as the runner handles it, whatever its parameters are. */
export interface CriterionPlugin extends Omit<CriterionDefinition<ParamsSchema, VictimKind>, 'open'> {
  kind: 'criterion';
  open(context: CriterionContext<unknown, 'any'>): Goal | Promise<Goal>;
}

/** Declares a goal of one's own; `criterion: { use: ./mine.js, params }` of an attack in a spec loads it. */
export function defineCriterion<const S extends ParamsSchema, K extends VictimKind>(
  definition: CriterionDefinition<S, K>,
): CriterionPlugin {
  return { kind: 'criterion', ...definition } as unknown as CriterionPlugin;
}
