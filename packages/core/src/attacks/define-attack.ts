import type * as tf from '@tensorflow/tfjs-core';
import type { BatchRandom } from '../random/streams.js';
import type { AnyVictim, Autoencoder, Classifier } from '../victims/victim.js';
import type { Budget } from './budget.js';
import type { Goal } from './criteria.js';
import type { ParamsOf, ParamsSchema } from './params.js';
import type { ThreatModel } from './threat-model.js';

export type VictimKind = 'classifier' | 'autoencoder' | 'any';

export interface VictimOf {
  classifier: Classifier;
  autoencoder: Autoencoder;
  any: AnyVictim;
}

/** Everything an attack gets. Tensors in here belong to the host. */
export interface AttackContext<P, V> {
  victim: V;
  /** [n,h,w,c] within `victim.bounds`; for a classifier only samples that it classifies correctly. */
  x: tf.Tensor4D;
  /** [n] true classes. */
  labels: Int32Array;
  /** [n] classes to aim at, if the threat model is targeted. */
  targets?: Int32Array;
  /** What is to be achieved, for any samples of the batch (positions): the criterion that the referee applies too. */
  goal: Goal;
  /** Validated, defaults filled in. */
  params: P;
  /** The only source of randomness, one stream per sample. */
  random: BatchRandom;
}

/** What an attack returns. It never says whether it succeeded. */
export interface AttackResult {
  /** [n,h,w,c], in the order of `x`. */
  perturbed: tf.Tensor4D;
  /** The attack's own estimate of I(x, x+δ) in nats for what it returns, and how it was made. */
  own?: { mi: ArrayLike<number>; estimator: string };
}

export interface AttackDefinition<S extends ParamsSchema, K extends VictimKind> {
  /** Lower-case, as in a spec's `use`. */
  name: string;
  /** Counts up whenever the same parameters and seed give other bytes. */
  version: number;
  victim: K;
  /** The paper and the equation or algorithm that this is. */
  reference: string;
  description: string;
  params: S;
  /** False for attacks that ask for no gradients; a victim without gradient is then no finding. */
  usesGradients: boolean;
  /** What the referee holds the results against. */
  threat(params: ParamsOf<S>): ThreatModel;
  /** Bytes of the attack's own state per sample, where it is more than a few copies of the input. */
  bytesPerSample?(params: ParamsOf<S>, shape: readonly [number, number, number]): number;
  /** The parameters with which it spends all of a budget per sample and no more; without it, it is only held to the budget. */
  within?(params: ParamsOf<S>, budget: Budget): ParamsOf<S>;
  perturb(context: AttackContext<ParamsOf<S>, VictimOf[K]>): Promise<AttackResult>;
}

/** An attack as the runner handles it, whatever its parameters are. */
export interface Attack {
  kind: 'attack';
  name: string;
  version: number;
  victim: VictimKind;
  reference: string;
  description: string;
  params: ParamsSchema;
  usesGradients: boolean;
  threat(params: unknown): ThreatModel;
  bytesPerSample?(params: unknown, shape: readonly [number, number, number]): number;
  within?(params: unknown, budget: Budget): Record<string, unknown>;
  perturb(context: AttackContext<unknown, AnyVictim>): Promise<AttackResult>;
}

/**
 * Declares an attack plugin: data plus one function. The TypeScript type of `params` comes from the schema.
 * Export it (or a list of such) as the default export of a module; a spec loads it by package name or path.
 */
export function defineAttack<const S extends ParamsSchema, K extends VictimKind>(
  definition: AttackDefinition<S, K>,
): Attack {
  // From here on the parameters are plain data, checked against the schema at run time.
  return { kind: 'attack', ...definition } as unknown as Attack;
}

/**
 * Names and parameters of the attacks that a TypeScript spec may use; attack packages add to it by
 * declaration merging (`declare module '@gauntlet/core' { interface AttackParams { pgd: … } }`).
 */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type
export interface AttackParams {}
