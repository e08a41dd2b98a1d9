import type { AttackParams } from '../attacks/define-attack.js';
import type { Budget } from '../attacks/budget.js';
import type { PluginReference } from '../attacks/load-plugin.js';
import type { ThreatModel } from '../attacks/threat-model.js';
import type { DatasetConfig, Selection } from '../datasets/open-dataset.js';
import type { Preprocess } from '../victims/preprocess.js';
import type { VictimConfig } from '../victims/open-victim.js';
import type { MetricName } from './metric-names.js';

export interface Limit {
  min?: number;
  max?: number;
  /** Demand that the whole interval of this level is on the right side. */
  confidence?: number;
}

export interface VictimInput {
  name?: string;
  model: string;
  kind: 'classifier' | 'autoencoder';
  bounds: [number, number];
  engine?: string;
  output?: 'auto' | 'logits' | 'probabilities';
  features?: string;
  preprocess?: Preprocess;
  gradients?: 'exact' | 'estimated';
}

export type DatasetInput = Selection &
  (
    | { format: 'idx'; images: string; labels?: string }
    | { format: 'cifar10'; files: string | string[] }
    | { format: 'npy'; images: string; labels?: string }
    | { format: 'npz'; file: string; imagesKey?: string; labelsKey?: string }
    | { format: 'folder'; path: string; channels?: 1 | 3 }
    | { format: 'svhn'; file: string }
    | { format: 'plugin'; use: string; params?: Record<string, unknown> }
  );

interface AttackOptions {
  name?: string;
  /** A goal of one's own: a plugin made with `defineCriterion`. */
  criterion?: string | { use: string; params?: Record<string, unknown> };
  expect?: Partial<Record<MetricName, Limit>>;
  /** One parameter and its values: the attack is done with each of them, and expectations hold for all. */
  sweep?: Record<string, number[]>;
}
type KnownAttack = {
  [K in keyof AttackParams]: AttackOptions &
    (
      | { use: K; params?: AttackParams[K] }
      | { use: K; params?: Partial<AttackParams[K]>; sweep: Record<string, number[]> }
    );
}[keyof AttackParams];
/** An attack of another package or a file: its parameters are checked when the spec is loaded. */
type OtherAttack = AttackOptions & {
  use: `${string}/${string}` | `${string}#${string}`;
  params?: Record<string, unknown>;
};

/** What `gauntlet retrain` does with the perturbed training images. */
export interface RetrainInput {
  /** What the reconstruction error is measured on. */
  test: DatasetInput;
  /** How the model was trained: an architecture of the zoo; by default the one that the model's card names. */
  recipe?: string;
  /** Without a recipe: what is minimised, and how. */
  loss?: 'mse' | 'bce';
  optimizer?: 'adam' | 'rmsprop' | 'sgd';
  learningRate?: number;
  epochs?: number;
  batchSize?: number;
  seeds?: number;
  protocols?: ('equal-epochs' | 'equal-steps')[];
  include?: 'all' | 'broken';
  target?: 'clean' | 'perturbed';
  /** By the name of an attack. */
  expect?: Record<string, RetrainExpectation>;
}

export interface RetrainExpectation {
  /** 1 − error / error of the original model. */
  improvement?: Omit<Limit, 'confidence'>;
  /** 1 − error / error after the same training with nothing added. */
  improvementOverControl?: Omit<Limit, 'confidence'>;
  testError?: Omit<Limit, 'confidence'>;
}

export type RetrainConfig = Required<Omit<RetrainInput, 'test' | 'expect' | 'recipe'>> & {
  test: DatasetConfig;
  recipe?: string;
  expectations: Record<string, RetrainExpectation>;
};

/** A robustness spec as people write it. */
export interface SpecInput {
  victim?: VictimInput;
  victims?: VictimInput[];
  dataset: DatasetInput;
  seed?: number;
  maxUnassessed?: number;
  // eslint-disable-next-line @typescript-eslint/no-redundant-type-constituents -- known once an attack package is imported
  attacks: (KnownAttack | OtherAttack)[];
  retrain?: RetrainInput;
}

/** Typed identity, for `*.robust.ts` files: `export default defineSpec({ … })`. */
export function defineSpec(spec: SpecInput): SpecInput {
  return spec;
}

export interface Expectation extends Limit {
  metric: MetricName;
}

export interface CriterionEntry {
  use: string;
  plugin: PluginReference;
  version: number;
  params: Record<string, unknown>;
}

/** One attack of a spec: resolved, validated, defaulted. Plain data. */
export interface AttackEntry {
  name: string;
  use: string;
  plugin: PluginReference;
  version: number;
  usesGradients: boolean;
  params: Record<string, unknown>;
  threat: ThreatModel;
  /** Absent for the standard goal of the victim's kind. */
  criterion?: CriterionEntry;
  expectations: Expectation[];
  /** It is one point of a curve. */
  sweep?: SweepPoint;
  /** What it may spend on a sample. */
  budget?: Budget;
}

/** Where on a curve an attack is. */
export interface SweepPoint {
  /** Name of the attack in the spec, which all points share. */
  of: string;
  param: string;
  value: number;
}

/** A validated spec with nothing left open: absolute paths, defaults filled in. Plain data, so it can be sent. */
export interface Spec {
  file: string;
  seed: number;
  maxUnassessed: number;
  victims: VictimConfig[];
  dataset: DatasetConfig;
  datasetName: string;
  attacks: AttackEntry[];
  retrain?: RetrainConfig;
}
