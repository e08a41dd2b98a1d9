import type { Cell } from '../plan/cells.js';
import type { AttackEntry, Spec } from '../spec/spec.js';
import type { DatasetConfig } from '../datasets/open-dataset.js';
import type { PluginReference } from '../attacks/load-plugin.js';
import type { ChunkImages, SaveImages } from './images.js';
import type { Outcome } from '../referee/outcome.js';
import type { Trace } from './watch.js';
import type { VictimConfig, VictimInfo } from '../victims/open-victim.js';

/** What a worker needs to have a victim and its data at hand. Plain data: it crosses the process boundary. */
export interface Setting {
  victim: VictimConfig;
  dataset: DatasetConfig;
  seed: number;
  yardstick?: PluginReference;
}

/** What a worker has to open for a cell. */
export function settingOf(
  spec: Spec,
  { victim }: Pick<Cell, 'victim'>,
  yardstick: PluginReference | undefined,
): Setting {
  return { victim, dataset: spec.dataset, seed: spec.seed, yardstick };
}

export interface ProbeTask extends Setting {
  kind: 'probe';
  /** Some attack of the run will ask for gradients: find out now whether there are any. */
  differentiates: boolean;
}
export interface ChunkTask extends Setting {
  kind: 'chunk';
  attack: AttackEntry;
  indices: number[];
  /** Give the images back too: for looking at single samples, not for runs. */
  keepImages?: boolean;
  /** Write the images to disk. */
  saveImages?: SaveImages;
  /** Samples whose way through the attack is taken down, if they are in the chunk. */
  traces?: number[];
}
export type Task = ProbeTask | ChunkTask;

export interface ProbeResult {
  victim: VictimInfo;
  dataset: { imageShape: [number, number, number]; indices: number[]; classNames?: string[]; hash: string };
  yardstick?: string;
}
export interface ChunkResult {
  outcomes: Outcome[];
  /** How the attack estimated mutual information, if it did. */
  estimator?: string;
  traces?: Trace[];
  /** Of the attacked samples, only if asked for. */
  images?: ChunkImages;
}
export type TaskResult<T extends Task> = T extends ProbeTask ? ProbeResult : ChunkResult;
