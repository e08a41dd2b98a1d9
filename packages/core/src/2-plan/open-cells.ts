import type { CellReport, Outcome, Trace } from '@gauntlet/api';
import type { CellCache, Extras } from '../store/cache.js';
import type { Finished } from '../store/journal.js';
import type { Cell } from './cells.js';
import type { CellExamples } from './take-examples.js';

/** A cell and how far it has come. */
export interface Progress {
  cell: Cell;
  key: string;
  indices: readonly number[];
  outcomes: Map<number, Outcome>;
  estimator?: string;
  traces: Trace[];
  /** What some of its samples were computed by instead of the engine that its key knows. */
  otherEngines: Set<string>;
  /** Its outcomes are those of an earlier run with the same key. */
  reused: boolean;
  /** Its key knows all that its outcomes depend on, so that a later run may take them. */
  lasts: boolean;
  openChunks: number;
  /** After so many leading samples all that is expected was decided (`gate: early`). */
  decidedAfter?: number;
  /** So many leading samples decided nothing yet. */
  undecided?: number;
  /** Seconds spent beside the attack to see whether it works, in this run. */
  checkSeconds: number;
  /** Samples at a time, once more of them were found not to fit in memory. */
  limit?: number;
  /** What of its samples is tried before its attack. */
  examples?: CellExamples;
  /** What is to be kept of it beside its outcomes. */
  wanted: Extras;
  /** It keeps what breaks its samples (`reuse: examples`). */
  keepsExamples?: boolean;
  report?: CellReport;
}

export interface CellContext {
  force: boolean;
  wantedOf: (cell: Cell) => Extras;
  unseen: ReadonlyMap<Cell, string>;
  examples?: ReadonlyMap<Cell, CellExamples>;
  /** Cells that keep all that breaks their samples. */
  keeping?: ReadonlySet<Cell>;
}

/** Each cell with what an interrupted run (the journal) or an earlier one (the cache) has of it. */
export function openCells(
  keys: ReadonlyMap<Cell, string>,
  indices: readonly number[],
  journal: ReadonlyMap<Cell, Finished>,
  cache: CellCache,
  { force, wantedOf, unseen, examples, keeping }: CellContext,
): Progress[] {
  return [...keys].map(([cell, key]) => {
    const begun = journal.get(cell);
    const lasts = !unseen.has(cell);
    const wanted = wantedOf(cell);
    const kept = begun || force || !lasts ? undefined : cache.read(cell.id, key, indices, wanted);
    // Images of a cell that begins anew are another run's, perhaps in other chunks.
    if (!begun && !kept) cache.forget(cell.id, key);
    const before = begun ?? kept;
    const outcomes = new Map(before?.outcomes.map((outcome) => [outcome.index, outcome]));
    const { estimator, traces = [], otherEngines } = before ?? {};
    return {
      cell,
      key,
      indices,
      outcomes,
      estimator,
      traces: [...traces],
      otherEngines: new Set(otherEngines),
      reused: kept !== undefined,
      lasts,
      openChunks: 0,
      checkSeconds: 0,
      examples: examples?.get(cell),
      wanted,
      keepsExamples: keeping?.has(cell),
    };
  });
}
