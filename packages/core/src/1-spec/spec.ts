import type {
  AttackParams,
  Ball,
  Budget,
  Expectation,
  FeatureRules,
  InputConstant,
  Limit,
  MetricName,
  ModelKind,
  NormName,
  ParamsInput,
  Strict,
  SweepPoint,
  ThreatModel,
} from '@gauntlet/api';
import type { CifarCConfig } from '../datasets/cifar10-c.js';
import type { FolderConfig } from '../datasets/folder.js';
import type { NpyConfig } from '../datasets/npy-images.js';
import type { NpzConfig } from '../datasets/npz.js';
import type { ParquetConfig } from '../datasets/parquet.js';
import type { DatasetConfig, Selection } from '../datasets/open-dataset.js';
import type { PluginReference } from '../plugins/load-plugin.js';
import type { httpParams } from '../victims/http/params.js';
import type { VictimConfig } from '../victims/open-victim.js';
import type { Preprocess } from '../victims/preprocess.js';

/** What metrics have to keep within, by name. */
export type Limits = { [name in MetricName]?: LimitInput } & { [name: string]: LimitInput | undefined };

/** A limit as it is written. `over: spec`: no expectation of the spec that says so passes by chance, at that level. */
export interface LimitInput extends Omit<Limit, 'confidence'> {
  confidence?: number | { level: number; over: 'spec' };
}

/** `auto`, `onnx:cpu`, `./mine.mjs`, `some-package#name:gpu`, or one with options. */
export type EngineInput = string | { use: string; device?: string; params?: Record<string, unknown> };

export type OutputInput =
  | 'auto'
  | 'logits'
  | 'probabilities'
  | (string & {})
  | { name?: string; is?: 'auto' | 'logits' | 'probabilities' | 'labels'; classes?: number };

export interface VictimInput {
  name?: string;
  /** A file. Either this or `use`. */
  model?: string;
  /** A plugin made with `defineVictim`. */
  use?: string;
  params?: Record<string, unknown>;
  /** A model behind an address. */
  http?: ParamsInput<typeof httpParams>;
  kind: ModelKind;
  bounds: [number, number];
  engine?: EngineInput;
  /** What it gives, or the name of the output of several that is meant; or both. */
  output?: OutputInput;
  /** Each output says of a label whether it is true, whatever the others say; the data has labels [n, k] of 0 and 1. */
  multiLabel?: boolean;
  /** Values of inputs beside the one that is attacked. */
  inputs?: Record<string, InputConstant>;
  features?: string;
  preprocess?: Preprocess;
  gradients?: 'exact' | 'estimated' | { straightThrough?: boolean; eot?: number };
  /** How often the referee asks a victim with randomness, and in which share of the draws broken samples break. */
  repeats?: number | { draws: number; share?: number };
  /** What must hold of all attacks of one threat model together; a list for several threat models. */
  expect?: WorstCaseInput | WorstCaseInput[];
}

/** A sample counts as broken if any attack of the threat model breaks it. */
export interface WorstCaseInput {
  /** Which attacks count: needed where those of the spec differ in their threat model. */
  kind?: 'corruption';
  norm?: NormName | 'none';
  epsilon?: number;
  robustAccuracy?: LimitInput;
  asr?: LimitInput;
}

export type DatasetInput = Selection &
  (
    | { format: 'idx'; images: string; labels?: string }
    | { format: 'cifar10'; files: string | string[] }
    | ({ format: 'cifar10-c' } & CifarCConfig)
    | ({ format: 'npy' } & NpyConfig)
    | ({ format: 'npz' } & NpzConfig)
    | ({ format: 'parquet'; files: string | string[] } & Omit<ParquetConfig, 'files'>)
    | ({ format: 'folder' } & FolderConfig)
    | { format: 'svhn'; file: string }
    | { format: 'plugin'; use: string; params?: Record<string, unknown> }
  );

interface AttackOptions {
  name?: string;
  /** A goal of one's own: a plugin made with `defineCriterion`. */
  criterion?: string | { use: string; params?: Record<string, unknown> };
  /** By the name of a metric; names of plugins are checked when the spec is loaded. */
  expect?: Limits;
  /** One parameter and its values: the attack is done with each of them, and expectations hold for all. */
  sweep?: Record<string, number[]>;
}
/** An attack of a spec, whatever package it is from. */
export interface AttackInput extends AttackOptions {
  /** A short name, a package, package#name or ./path. */
  use: string;
  params?: Record<string, unknown>;
}
/** An attack whose package is imported: its parameters are checked by the compiler. */
type KnownAttack<K extends keyof AttackParams> = AttackOptions &
  ({ params?: AttackParams[K] } | { params?: Partial<AttackParams[K]>; sweep: Record<string, number[]> });
/** Parameters of any other attack are checked when the spec is loaded. */
type AttackOf<Use> = { use: Use } & (Use extends keyof AttackParams ? KnownAttack<Use> : AttackInput);

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
  /** Whether weak evidence stops the build: true by default; false, or `except` for what is accepted. */
  strict?: Strict;
  /** `early`: a cell ends as soon as its expectations are decided at their confidence. `all`, by default, attacks every sample. */
  gate?: 'all' | 'early';
  /**
   * `examples`: perturbed inputs that break samples are kept, for `gauntlet bless` to lay beside a baseline. A run against a baseline
   * tries those that it keeps before it attacks, unless `none`.
   */
  reuse?: 'examples' | 'none';
  /** What the referee measures mutual information with: an estimator plugin; `gaussian` by default. */
  estimator?: string | { use: string; params?: Record<string, unknown> };
  /** Metrics of plugins, which attacks may be expected to keep within limits like those that come along. */
  metrics?: (string | { use: string; params?: Record<string, unknown>; name?: string })[];
  /** What every attack is held to, beside what it says of itself. */
  threat?: SpecThreat;
  attacks: AttackInput[];
  retrain?: RetrainInput;
}

/** A ball, rules for single features, or both. */
export type SpecThreat = (Ball | { norm?: undefined; epsilon?: undefined }) & FeatureRules;

/** What editors propose for `use`; any other text (which a plain `string` would not leave beside them) is a package or a file. */
type AttackName = keyof AttackParams | (string & {});

/** Typed identity, for `*.robust.ts` files: `export default defineSpec({ … })`. `Uses` is what `use` says, attack by attack. */
export function defineSpec<const Uses extends readonly AttackName[]>(
  spec: Omit<SpecInput, 'attacks'> & { attacks: { [I in keyof Uses]: AttackOf<Uses[I]> } },
): SpecInput {
  return spec as unknown as SpecInput;
}

export interface MetricEntry {
  name: string;
  plugin: PluginReference;
  params: Record<string, unknown>;
}

export type EstimatorEntry = CriterionEntry;

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

/** What is expected of all attacks of one threat model on a victim together. */
export interface WorstCaseEntry {
  victim: string;
  threat: ThreatModel;
  /** Ids of their cells. */
  cells: string[];
  expectations: Expectation[];
}

/** A validated spec with nothing left open: absolute paths, defaults filled in. Plain data, so it can be sent. */
export interface Spec {
  file: string;
  seed: number;
  maxUnassessed: number;
  strict: Strict;
  reuse?: 'examples' | 'none';
  victims: VictimConfig[];
  dataset: DatasetConfig;
  datasetName: string;
  attacks: AttackEntry[];
  worstCases: WorstCaseEntry[];
  /** Measures mutual information for the referee. */
  estimator?: EstimatorEntry;
  /** All that attacks may be expected to keep within limits. */
  metrics: MetricEntry[];
  retrain?: RetrainConfig;
}
