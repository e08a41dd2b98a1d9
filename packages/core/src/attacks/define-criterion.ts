import type * as tf from '@tensorflow/tfjs-core';
import type { AnyVictim } from '../victims/victim.js';
import type { Goal } from './criteria.js';
import type { VictimKind } from './define-attack.js';
import type { ParamsOf, ParamsSchema } from './params.js';

/** The clean side that a criterion is bound to. Tensors in here belong to the host. */
export interface CriterionContext<P> {
  victim: AnyVictim;
  /** [n,h,w,c] clean inputs */
  x: tf.Tensor4D;
  /** [n] true classes; zeros for data without labels. */
  labels: Int32Array;
  /** [n] classes to aim at, if the attack is targeted. */
  targets?: Int32Array;
  /** Validated, defaults filled in. */
  params: P;
}

export interface CriterionDefinition<S extends ParamsSchema> {
  /** Lower-case. */
  name: string;
  /** Counts up whenever the same parameters judge differently. */
  version: number;
  victim: VictimKind;
  description: string;
  params: S;
  /**
   * Looks at the clean inputs once and gives the criterion for any of them: one number per sample, met where ≤ 0.
   * A sample's number must depend on that sample alone. Both the attacks and the referee use it; samples whose
   * clean input has a number below 0 need no attack and are skipped.
   */
  open(context: CriterionContext<ParamsOf<S>>): Goal | Promise<Goal>;
}

/** A criterion as the runner handles it, whatever its parameters are. */
export interface CriterionPlugin extends Omit<CriterionDefinition<ParamsSchema>, 'open'> {
  kind: 'criterion';
  open(context: CriterionContext<unknown>): Goal | Promise<Goal>;
}

/** Declares a goal of one's own; `criterion: { use: ./mine.js, params }` of an attack in a spec loads it. */
export function defineCriterion<const S extends ParamsSchema>(
  definition: CriterionDefinition<S>,
): CriterionPlugin {
  return { kind: 'criterion', ...definition } as unknown as CriterionPlugin;
}
