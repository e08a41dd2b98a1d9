import {
  existsSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
  mkdirSync,
} from 'node:fs';
import path from 'node:path';
import type { Outcome, Trace } from '@gauntlet/api';
import { cellFolder } from './images.js';
import type { Finished } from './journal.js';

/** What of a finished cell is asked for, beside its outcomes. */
export interface Extras {
  /** Images of each chunk; 0 for none. */
  images: number;
  traces: number;
}

interface Entry {
  /** What was asked for then; `Infinity` is null in JSON. */
  had: { images: number | null; traces: number };
  outcomes: Outcome[];
  estimator?: string;
  traces?: Trace[];
}

/** Days after which a cell that no run has used is removed. */
const keptDays = 30;

/** Finished cells of earlier runs in the run folder, found by what they depend on. */
export class CellCache {
  readonly #output: string;

  constructor(output: string) {
    this.#output = output;
  }

  /** A cell that is there with all that is asked for, or nothing. */
  read(id: string, key: string, indices: readonly number[], wanted: Extras): Finished | undefined {
    const folder = cellFolder(this.#output, { id, key });
    const file = path.join(folder, 'outcomes.json');
    if (!existsSync(file)) return undefined;
    let found: Entry;
    try {
      found = JSON.parse(readFileSync(file, 'utf8')) as Entry;
    } catch {
      return undefined;
    }
    const { had, outcomes, estimator, traces } = found;
    if ((had.images ?? Infinity) < wanted.images || had.traces < wanted.traces) return undefined;
    if (outcomes.map(({ index }) => index).join() !== indices.join()) return undefined;
    const now = new Date();
    utimesSync(folder, now, now);
    return { outcomes, estimator, traces };
  }

  /** Keeps a cell, if it is certain to come out the same again: whole, and nothing unassessed for want of time. */
  write(id: string, key: string, { outcomes, estimator, traces }: Finished, had: Extras): void {
    if (outcomes.some(({ status, defect }) => status === 'unassessed' && !defect)) return;
    const folder = cellFolder(this.#output, { id, key });
    mkdirSync(folder, { recursive: true });
    const file = path.join(folder, 'outcomes.json');
    writeFileSync(`${file}.part`, JSON.stringify({ had, estimator, traces, outcomes } satisfies Entry));
    renameSync(`${file}.part`, file);
  }

  forget(id: string, key: string): void {
    rmSync(cellFolder(this.#output, { id, key }), { recursive: true, force: true });
  }

  /** Removes what has not been used for long. */
  clean(): void {
    const folder = path.join(this.#output, 'cells');
    if (!existsSync(folder)) return;
    const oldest = Date.now() - keptDays * 24 * 3600 * 1000;
    for (const name of readdirSync(folder)) {
      const cell = path.join(folder, name);
      if (statSync(cell).mtimeMs < oldest) rmSync(cell, { recursive: true, force: true });
    }
  }
}
