import {
  closeSync,
  existsSync,
  fsyncSync,
  lstatSync,
  openSync,
  readFileSync,
  renameSync,
  truncateSync,
  writeSync,
} from 'node:fs';
import { GauntletError, reasonOf } from '../errors/gauntlet-error.js';
import type { Outcome } from '../referee/outcome.js';
import type { Trace } from './watch.js';

interface Header {
  kind: 'header';
  /** Hash of everything that has an influence on outcomes. */
  key: string;
}
interface Entry {
  kind: 'chunk';
  cell: string;
  estimator?: string;
  traces?: Trace[];
  outcomes: Outcome[];
}

export interface Finished {
  outcomes: Outcome[];
  estimator?: string;
  traces?: Trace[];
}

/** Append-only record of finished chunks, one JSON line each, on disk before the chunk counts as done. */
export class Journal {
  readonly #file: string;
  readonly #descriptor: number;
  /** What an earlier run had finished, by cell. */
  readonly finished: ReadonlyMap<string, Finished>;

  private constructor(file: string, descriptor: number, finished: Map<string, Finished>) {
    this.#file = file;
    this.#descriptor = descriptor;
    this.finished = finished;
  }

  /** Starts a journal, or with `resume` continues the one that is there. */
  static open(file: string, key: string, resume: boolean): Journal {
    const finished = resume && existsSync(file) ? readJournal(file, key) : undefined;
    // An earlier run's journal is kept until this one has one of its own.
    if (!finished && lstatSync(file, { throwIfNoEntry: false })?.isFile())
      renameSync(file, `${file}.previous`);
    const journal = new Journal(file, openFile(file), finished ?? new Map<string, Finished>());
    if (!finished) journal.#append({ kind: 'header', key });
    return journal;
  }

  append(cell: string, { outcomes, estimator, traces }: Finished): void {
    this.#append({ kind: 'chunk', cell, estimator, traces, outcomes });
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  #append(line: Header | Entry): void {
    try {
      writeSync(this.#descriptor, `${JSON.stringify(line)}\n`);
      fsyncSync(this.#descriptor);
    } catch (error) {
      throw new GauntletError(
        'journal-write',
        `The journal ${this.#file} cannot be written (${reasonOf(error)}). Make room and run again with --resume: finished chunks are kept.`,
        { cause: error },
      );
    }
  }
}

function openFile(file: string): number {
  try {
    return openSync(file, 'a');
  } catch (error) {
    throw new GauntletError(
      'output-unwritable',
      `The run folder cannot be written: ${reasonOf(error)}. Choose another with --output.`,
    );
  }
}

function readJournal(file: string, key: string): Map<string, Finished> {
  const text = readFileSync(file, 'utf8');
  // A run killed in the middle of a write leaves a last line without its end; that chunk is done again.
  const complete = text.slice(0, text.lastIndexOf('\n') + 1);
  const lines = complete.split('\n').filter(Boolean).flatMap(parseLine); // prettier-ignore
  const [header] = lines;
  if (header?.kind !== 'header' || header.key !== key) {
    throw new GauntletError(
      'resume-mismatch',
      `${file} belongs to another run: the spec, the model, the data, the seed, an attack or the engine has changed since. Run without --resume.`,
    );
  }
  if (complete.length < text.length) truncateSync(file, Buffer.byteLength(complete));
  const finished = new Map<string, Finished>();
  for (const line of lines) {
    if (line.kind !== 'chunk') continue;
    const cell = finished.get(line.cell) ?? { outcomes: [] };
    finished.set(line.cell, {
      outcomes: [...cell.outcomes, ...line.outcomes],
      estimator: cell.estimator ?? line.estimator,
      traces: [...(cell.traces ?? []), ...(line.traces ?? [])],
    });
  }
  return finished;
}

function parseLine(line: string): (Header | Entry)[] {
  try {
    return [JSON.parse(line) as Header | Entry];
  } catch {
    return [];
  }
}
