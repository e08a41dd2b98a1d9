import type { ParamsOf, ParamsSchema } from '../params.js';
import type { RunEvent } from '../report/events.js';
import type { CellReport } from '../report/report.js';
import { asPlugin, type Contracted, type PluginDescription } from './contract.js';

/** A terminal or a file that text goes to. */
export interface TextOutput {
  write(text: string): unknown;
  isTTY?: boolean;
  columns?: number;
  hasColors?(): boolean;
}

/** Images of some samples of a cell, in the victim's units: [n, h·w·c] each. */
export interface SampleImages {
  indices: number[];
  shape: [number, number, number];
  clean: Float32Array;
  perturbed: Float32Array;
  /** An autoencoder's, of both. */
  cleanReconstruction?: Float32Array;
  reconstruction?: Float32Array;
}

/** What a reporter gets when a run of a spec begins. */
export interface ReporterContext<P> {
  /** The run folder, absolute. It is there. */
  folder: string;
  /** Where the run was started, absolute: paths that people read are relative to it. */
  cwd: string;
  /** Standard output. */
  stdout: TextOutput;
  /** The environment, as of `process.env`. */
  env: Readonly<Record<string, string | undefined>>;
  /** Images of samples (their indices in the dataset) in that order; those that the run has not kept are left out. */
  images: (cell: Pick<CellReport, 'id' | 'key'>, indices: readonly number[]) => Promise<SampleImages>;
  /** Validated, defaults filled in. */
  params: P;
}

/** A consumer of a run's events. Everything it knows, it knows from these. */
export interface Reporter {
  /** What it throws ends the run: a report that cannot be written must not look like a pass. */
  onEvent(event: RunEvent): void | Promise<void>;
  /** After the last event: what all reporters of the run have written, as absolute paths. */
  onEnd?(written: readonly WrittenFile[]): void | Promise<void>;
}

/** A file or folder that a reporter writes. */
export interface WrittenFile {
  /** Relative to the run folder, or absolute. */
  path: string;
  /** What there is to see in it, where its name does not tell. */
  note?: string;
}

/** What a run has to keep so that a reporter can do its work. */
export interface ReporterNeeds {
  /** Images of so many samples of each chunk, those that speak against the victim first. */
  images?: number;
  /** The way of so many samples of each cell through the attack. */
  traces?: number;
}

/** What `defineReporter` takes: a reporter with options of schema S. */
export interface ReporterDefinition<S extends ParamsSchema> extends PluginDescription<S> {
  needs?: ReporterNeeds;
  /** What it writes in the run folder, for the list of files at the end of a run. */
  files?: (params: ParamsOf<S>) => readonly WrittenFile[];
  open(context: ReporterContext<ParamsOf<S>>): Reporter | Promise<Reporter>;
}

/** A reporter as the runner handles it, whatever its options are. */
export interface ReporterPlugin extends Contracted<'reporter'>, PluginDescription {
  needs?: ReporterNeeds;
  files?: (params: unknown) => readonly WrittenFile[];
  open(context: ReporterContext<unknown>): Reporter | Promise<Reporter>;
}

/** Declares a reporter; `--reporter ./mine.js` takes it. */
export function defineReporter<const S extends ParamsSchema>(
  definition: ReporterDefinition<S>,
): ReporterPlugin {
  return asPlugin('reporter', definition) as unknown as ReporterPlugin;
}
