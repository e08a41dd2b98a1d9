import type { AttackParams } from '../attacks/define-attack.js';
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
  expect?: Partial<Record<MetricName, Limit>>;
}
type KnownAttack = {
  [K in keyof AttackParams]: AttackOptions & { use: K; params?: AttackParams[K] };
}[keyof AttackParams];
/** An attack of another package or a file: its parameters are checked when the spec is loaded. */
type OtherAttack = AttackOptions & {
  use: `${string}/${string}` | `${string}#${string}`;
  params?: Record<string, unknown>;
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
}

/** Typed identity, for `*.robust.ts` files: `export default defineSpec({ … })`. */
export function defineSpec(spec: SpecInput): SpecInput {
  return spec;
}

export interface Expectation extends Limit {
  metric: MetricName;
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
  expectations: Expectation[];
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
}
