import type * as tf from '@tensorflow/tfjs-core';
import type { Goal } from '../goals/criteria.js';
import type { LabelSets } from '../goals/label-sets.js';
import { asPlugin, type Contracted, type PluginDescription } from './contract.js';
import type { ParamsOf, ParamsSchema } from '../params.js';
import type { AnyVictim } from '../victim.js';
import type { LabelsOf, VictimKind } from './attack.js';

/** The clean side that a criterion is bound to. Tensors in here belong to the host. */
export interface CriterionContext<P, K extends VictimKind> {
  victim: AnyVictim;
  /** [n,h,w,c] clean inputs */
  x: tf.Tensor4D;
  /** [n] true classes; undefined for data without labels, and for a multi-label victim. */
  labels: LabelsOf<K>;
  /** Of a multi-label victim: which labels are true. */
  labelSets?: LabelSets;
  /** [n] classes to aim at, if the attack is targeted. */
  targets?: Int32Array;
  /**
   * The first images of the dataset, at most so many: the same ones for every sample. For goals that compare with other
   * images, which the other samples of a batch must not be.
   */
  references(count: number): Promise<References>;
  /** Validated, defaults filled in. */
  params: P;
}

export interface References {
  /** [m,h,w,c] */
  images: tf.Tensor4D;
  /** [n] which of them each sample of the batch is itself; −1 for none. */
  own: Int32Array;
}

/** What `defineCriterion` takes: a goal with options of schema S. */
export interface CriterionDefinition<
  S extends ParamsSchema,
  K extends VictimKind,
> extends PluginDescription<S> {
  victim: K;
  /** It judges the decisions of a multi-label classifier, by `labelSets`, and nothing else. */
  multiLabel?: boolean;
  /**
   * Looks at the clean inputs once and gives the criterion for any of them: one number per sample, met where ≤ 0.
   * A sample's number must depend on that sample alone. Both the attacks and the referee use it; samples whose
   * clean input has a number below 0 need no attack and are skipped. One that cannot do without labels throws.
   */
  open(context: CriterionContext<ParamsOf<S>, K>): Goal | Promise<Goal>;
}

/** A criterion as the runner handles it, whatever its parameters are. */
export interface CriterionPlugin extends Contracted<'criterion'>, PluginDescription {
  victim: VictimKind;
  multiLabel?: boolean;
  open(context: CriterionContext<unknown, 'any'>): Goal | Promise<Goal>;
}

/** Declares a goal of one's own; `criterion: { use: ./mine.js, params }` of an attack in a spec loads it. */
export function defineCriterion<const S extends ParamsSchema, const K extends VictimKind>(
  definition: CriterionDefinition<S, K>,
): CriterionPlugin {
  return asPlugin('criterion', definition) as unknown as CriterionPlugin;
}
