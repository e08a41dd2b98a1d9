import type { Examination, Outcome, Trace } from '@gauntlet/api';
import type { AttackEntry } from '../1-spec/spec.js';
import type { DatasetConfig } from '../datasets/open-dataset.js';
import type { PluginReference } from '../plugins/load-plugin.js';
import type { ExamplesFile } from '../store/examples.js';
import type { ChunkImages, SaveImages } from '../store/images.js';
import type { VictimConfig, VictimInfo } from '../victims/open-victim.js';

/** What a worker needs to have a victim and its data at hand. Plain data: it crosses the process boundary. */
export interface Setting {
  victim: VictimConfig;
  dataset: DatasetConfig;
  seed: number;
  /** Measures mutual information. */
  estimator?: { plugin: PluginReference; params: Record<string, unknown> };
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
  /** The victim was seen to say something else each time. */
  randomised?: boolean;
  /** Give the images back too: for looking at single samples, not for runs. */
  keepImages?: boolean;
  /** Write the images to disk. */
  saveImages?: SaveImages;
  /** Perturbed inputs of an earlier run, which are tried before the attack. */
  examples?: ExamplesFile;
  /** Samples that are attacked with an epsilon of the whole range too, if they held. */
  unbounded?: number[];
  /** Samples whose way through the attack is taken down, if they are in the chunk. */
  traces?: number[];
}
/** Judges the images that a chunk returned once more. */
export interface ReexamineTask extends Setting {
  kind: 'reexamine';
  attack: AttackEntry;
  indices: number[];
  /** Folder with the perturbed images, as `saveImages` writes them. */
  images: string;
}
/** Opens what later tasks will ask for. */
export interface OpenTask extends Setting {
  kind: 'open';
}
/** Loads what nearly every task needs, before anything is known of them. */
export interface StartTask {
  kind: 'start';
}
export type Task = ProbeTask | ChunkTask | ReexamineTask | OpenTask | StartTask;

export interface ProbeResult {
  victim: VictimInfo;
  dataset: {
    imageShape: [number, number, number];
    indices: number[];
    classNames?: string[];
    hash: string;
    /** Of each of the indices. */
    sampleHashes: string[];
  };
  yardstick?: string;
  examination: Examination;
  /** Seconds that the examination took. */
  examinedIn: number;
}
/** What a worker had opened for a chunk. */
export interface InputHashes {
  victim: string;
  /** Of each sample of the chunk. */
  samples: string[];
  /** sha256 of the code of each plugin, by its address. */
  code: Record<string, string>;
}

export interface ChunkResult {
  outcomes: Outcome[];
  /** What it was computed by, as reports call it. Absent for chunks that were given up. */
  engines?: string[];
  /** How the attack estimated mutual information, if it did. */
  estimator?: string;
  traces?: Trace[];
  /** What was spent beside the attack to see whether it works. */
  checkSeconds?: number;
  /** Absent for chunks that were given up. */
  inputs?: InputHashes;
  /** Of the attacked samples, only if asked for. */
  images?: ChunkImages;
}
export type TaskResult<T extends Task> = T extends ProbeTask
  ? ProbeResult
  : T extends OpenTask | StartTask
    ? undefined
    : ChunkResult;
