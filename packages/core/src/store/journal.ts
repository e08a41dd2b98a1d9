import {
  closeSync,
  constants,
  existsSync,
  fsyncSync,
  lstatSync,
  openSync,
  renameSync,
  truncateSync,
} from 'node:fs';
import path from 'node:path';
import { GauntletError, isOutcome, type Outcome, reasonOf, type Trace } from '@gauntlet/api';
import { readLines, seal, unseal } from './sealed-lines.js';
import { writeAll } from './write-whole.js';

const version = 3;

export const journalFile = (output: string) => path.join(output, 'journal.jsonl');

interface Header {
  kind: 'header';
  version: number;
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
  /** What it was computed by beside the engine that the key knows. */
  otherEngines?: string[];
}

/** Append-only record of finished chunks, one sealed line each, on disk before the chunk counts as done. */
export class Journal {
  readonly #file: string;
  readonly #descriptor: number;

  private constructor(file: string) {
    this.#file = file;
    this.#descriptor = openFile(file);
  }

  /** Starts a journal, or with `resume` continues the one that is there. */
  static open(file: string, resume: boolean): Journal {
    const there = resume && existsSync(file) ? completeLength(file) : 0;
    // An earlier run's journal is kept until this one has one of its own.
    if (there > 0) truncateSync(file, there);
    else if (lstatSync(file, { throwIfNoEntry: false })?.isFile()) renameSync(file, `${file}.previous`);
    const journal = new Journal(file);
    if (there === 0) journal.#append({ kind: 'header', version });
    return journal;
  }

  append(
    { key, victim, attack }: Pick<JournalLine, 'key' | 'victim' | 'attack'>,
    { outcomes, estimator, traces, otherEngines }: Finished,
  ): void {
    this.#append({ kind: 'chunk', key, victim, attack, estimator, otherEngines, traces, outcomes });
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  #append(line: Header | JournalLine): void {
    try {
      writeAll(this.#descriptor, seal(line));
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
    // A link would lead the writing elsewhere. Windows has no such flag.
    const noLink = (constants.O_NOFOLLOW as number | undefined) ?? 0;
    return openSync(file, constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND | noLink);
  } catch (error) {
    throw new GauntletError(
      'output-unwritable',
      `The run folder cannot be written: ${reasonOf(error)}. Choose another with --output.`,
    );
  }
}

/** What a journal holds. */
export interface JournalContent {
  lines: JournalLine[];
  /** Lines that are not as they were written: their chunks are done again. */
  damaged: number;
}

/**
 * The finished chunks of an earlier run; none where there was none.
 * @throws GauntletError `resume-mismatch` for a journal that another version of Gauntlet wrote
 */
export function readJournal(file: string): JournalContent {
  const content: JournalContent = { lines: [], damaged: 0 };
  if (!existsSync(file)) return content;
  for (const { line } of readLines(file)) {
    const found = unseal(line) as Header | JournalLine | undefined;
    if (found?.kind === 'chunk' && Array.isArray(found.outcomes) && found.outcomes.every(isOutcome))
      content.lines.push(found);
    else if (isOfAnotherVersion(found ?? parsed(line)))
      throw new GauntletError(
        'resume-mismatch',
        `${file} was written by another version of Gauntlet, and its lines cannot be checked. Run without --resume.`,
      );
    else if (found?.kind !== 'header') content.damaged++;
  }
  return content;
}

const isOfAnotherVersion = (line: unknown): boolean => {
  const { kind, version: its } = (line ?? {}) as Partial<Header>;
  return kind === 'header' && its !== version;
};

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** Bytes up to the end of the last line: a run killed in the middle of a write leaves one without its end. */
function completeLength(file: string): number {
  let length = 0;
  for (const { end } of readLines(file)) length = end;
  return length;
}
