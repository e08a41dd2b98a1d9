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
import path from 'node:path';
import { GauntletError, type Outcome, reasonOf, type Trace } from '@gauntlet/api';

const version = 2;

export const journalFile = (output: string) => path.join(output, 'journal.jsonl');

interface Header {
  kind: 'header';
  version: typeof version;
}

/** A finished chunk. Its outcomes are worth something to a cell of the same key alone. */
export interface JournalLine extends Finished {
  kind: 'chunk';
  key: string;
  victim: string;
  attack: string;
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

  private constructor(file: string) {
    this.#file = file;
    this.#descriptor = openFile(file);
  }

  /** Starts a journal, or with `resume` continues the one that is there. */
  static open(file: string, resume: boolean): Journal {
    const there = resume && existsSync(file) ? completeText(file) : '';
    // An earlier run's journal is kept until this one has one of its own.
    if (there) truncateSync(file, Buffer.byteLength(there));
    else if (lstatSync(file, { throwIfNoEntry: false })?.isFile()) renameSync(file, `${file}.previous`);
    const journal = new Journal(file);
    if (!there) journal.#append({ kind: 'header', version });
    return journal;
  }

  append(
    { key, victim, attack }: Pick<JournalLine, 'key' | 'victim' | 'attack'>,
    { outcomes, estimator, traces }: Finished,
  ): void {
    this.#append({ kind: 'chunk', key, victim, attack, estimator, traces, outcomes });
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  #append(line: Header | JournalLine): void {
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

/**
 * The finished chunks of an earlier run; none where there was none.
 * @throws GauntletError `resume-mismatch` for a journal that another version of Gauntlet wrote
 */
export function readJournal(file: string): JournalLine[] {
  const lines = existsSync(file) ? completeText(file).split('\n').filter(Boolean).flatMap(parseLine) : [];
  const [header, ...rest] = lines;
  if (header && (header.kind !== 'header' || header.version !== version)) {
    throw new GauntletError(
      'resume-mismatch',
      `${file} was written by another version of Gauntlet, and does not say what its outcomes depend on. Run without --resume.`,
    );
  }
  return rest.filter((line) => line.kind === 'chunk');
}

/** A run killed in the middle of a write leaves a last line without its end; that chunk is done again. */
function completeText(file: string): string {
  const text = readFileSync(file, 'utf8');
  return text.slice(0, text.lastIndexOf('\n') + 1);
}

function parseLine(line: string): (Header | JournalLine)[] {
  try {
    return [JSON.parse(line) as Header | JournalLine];
  } catch {
    return [];
  }
}
