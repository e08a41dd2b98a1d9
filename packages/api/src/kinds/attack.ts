import type * as tf from '@tensorflow/tfjs-core';
import type { Budget } from '../budget.js';
import type { Goal, GoalSource } from '../goals/criteria.js';
import type { Complaint, ParamsOf, ParamsSchema } from '../params.js';
import type { BatchRandom } from '../random/streams.js';
import type { CorruptionFamily } from '../threat/corruption.js';
import { asPlugin, type Contracted, type PluginDescription } from './contract.js';
import type { LengthName, ThreatModel } from '../threat/threat-model.js';
import type { AnyVictim, Victim } from '../victim.js';
import type { ModelKind, VictimKinds } from '../victim-kinds.js';

/** The victims that an attack or a criterion is for: of one kind, of some kinds, or whatever there is. */
export type VictimKind = ModelKind | readonly ModelKind[] | 'any';

/** Whether it is for victims of a kind. */
export const isFor = (wanted: VictimKind, kind: ModelKind): boolean =>
  wanted === 'any' || [wanted].flat().includes(kind);

type Victims = { [K in ModelKind]: Victim<VictimKinds[K]> };
export type VictimOf<K extends VictimKind> = K extends ModelKind ? Victims[K] : AnyVictim;

/** Classifiers are never attacked without labels; other data may have none. */
export type LabelsOf<K extends VictimKind> = K extends 'classifier' ? Int32Array : Int32Array | undefined;

/** Everything an attack on a kind of victim gets. Tensors in here belong to the host. */
export interface AttackContext<P, K extends VictimKind> {
  victim: VictimOf<K>;
  /** [n,h,w,c] within `victim.bounds`; for a classifier only samples that it classifies correctly. */
  x: tf.Tensor4D;
  /**
   * [n] true classes; undefined for data without labels, and for a multi-label victim, which attacks of `goals: 'any'` alone
   * get to see.
   */
  labels: LabelsOf<K>;
  /** [n] classes to aim at, if the threat model is targeted. */
  targets?: Int32Array;
  /** What is to be achieved, for any samples of the batch (positions): the criterion that the referee applies too. */
  goal: Goal;
  /** Whether that is the standard goal or one that the spec sets. */
  goalSource: GoalSource;
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
  ownEstimate?: { mi: ArrayLike<number>; estimator: string };
  /** [n] of an attack that has several stages: the one that each sample comes from. */
  stages?: readonly (string | undefined)[];
  /** [n] of an attack with a `corruption`: the setting that each sample was made with, by position. */
  settings?: ArrayLike<number>;
}

/** What `defineAttack` takes: an attack on victims of kind K with options of schema S. */
export interface AttackDefinition<S extends ParamsSchema, K extends VictimKind> extends PluginDescription<S> {
  victim: K;
  /** The paper and the equation or algorithm that this is. */
  reference: string;
  /** False for attacks that ask for no gradients; a victim without gradient is then no finding. */
  usesGradients: boolean;
  /**
   * `any`: it minimises whatever criterion its `goal` gives. `standard`, or absent: it pursues nothing but the standard
   * goal of the victim's kind (or none at all), and a spec that sets another goal for it is refused.
   */
  goals?: 'any' | 'standard';
  /** What is wrong with parameters that the schema lets pass, by their paths; nothing is run if there is something. */
  complaints?(params: ParamsOf<S>, about: { goalSource: GoalSource }): Complaint[];
  /** What the referee holds the results against. */
  threat(params: ParamsOf<S>): ThreatModel;
  /** What its images are made by, for a threat model of kind `corruption`. */
  corruption?: CorruptionFamily<ParamsOf<S>>;
  /** Of an attack that looks for the shortest perturbation: the norm in which. What it breaks is then measured as `minimalNorm`. */
  shortest?(params: ParamsOf<S>): LengthName;
  /**
   * All that counts of it is whether the goal is met inside the threat model: an input that an earlier run found is then as good as
   * one that it finds now (`reuse: examples`). Not for attacks that minimise a length, maximise something beside the goal, or
   * measure how often chance succeeds.
   */
  takesExamples?(params: ParamsOf<S>): boolean;
  /** Bytes of the attack's own state per sample, where it is more than a few copies of the input. */
  bytesPerSample?(params: ParamsOf<S>, shape: readonly [number, number, number]): number;
  /** The parameters with which it spends all of a budget per sample and no more; without it, it is only held to the budget. */
  within?(params: ParamsOf<S>, budget: Budget): ParamsOf<S>;
  perturb(context: AttackContext<ParamsOf<S>, K>): Promise<AttackResult>;
}

/** An attack as the runner handles it, whatever its parameters are. */
export interface Attack extends Contracted<'attack'>, PluginDescription {
  victim: VictimKind;
  reference: string;
  usesGradients: boolean;
  goals?: 'any' | 'standard';
  complaints?(params: unknown, about: { goalSource: GoalSource }): Complaint[];
  threat(params: unknown): ThreatModel;
  corruption?: CorruptionFamily<unknown>;
  shortest?(params: unknown): LengthName;
  takesExamples?(params: unknown): boolean;
  bytesPerSample?(params: unknown, shape: readonly [number, number, number]): number;
  within?(params: unknown, budget: Budget): Record<string, unknown>;
  perturb(context: AttackContext<unknown, 'any'>): Promise<AttackResult>;
}

/**
 * Declares an attack plugin: data plus one function. The TypeScript type of `params` comes from the schema.
 * Export it (or a list of such) as the default export of a module; a spec loads it by package name or path.
 */
export function defineAttack<const S extends ParamsSchema, const K extends VictimKind>(
  definition: AttackDefinition<S, K>,
): Attack {
  return asPlugin('attack', definition) as unknown as Attack;
}

/**
 * Names and parameters of the attacks that a TypeScript spec may use; attack packages add to it by
 * declaration merging (`declare module '@gauntlet/api' { interface AttackParams { pgd: … } }`).
 */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type
export interface AttackParams {}
