import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { isOutcome, type Outcome, reasonOf, type Trace } from '@gauntlet/api';
import { cellFolder } from './images.js';
import type { Finished } from './journal.js';
import { readLines, seal, unseal } from './sealed-lines.js';
import { writeWhole } from './write-whole.js';

/** What of a finished cell is asked for, beside its outcomes. */
export interface Extras {
  /** Images of each chunk; 0 for none. */
  images: number;
  traces: number;
}

type Line =
  /** What was asked for then; `Infinity` is null in JSON. */
  | { kind: 'cell'; key: string; had: { images: number | null; traces: number }; estimator?: string }
  | { kind: 'outcomes'; outcomes: Outcome[] }
  | { kind: 'trace'; trace: Trace }
  | { kind: 'end'; outcomes: number; traces: number };

const outcomesPerLine = 100;

/** Runs after which a cell that none of them has used is removed. A count: clocks jump. */
const keptRuns = 100;

/** Finished cells of earlier runs in the run folder, found by what they depend on. */
export class CellCache {
  readonly #output: string;
  readonly #used = new Set<string>();
  /** What could not be read, in a sentence each. */
  readonly notes: string[] = [];

  constructor(output: string) {
    this.#output = output;
  }

  /** A cell that is there with all that is asked for, or nothing. */
  read(id: string, key: string, indices: readonly number[], wanted: Extras): Finished | undefined {
    const folder = cellFolder(this.#output, { id, key });
    const file = path.join(folder, 'outcomes.jsonl');
    if (!existsSync(file)) return undefined;
    let found: (Finished & { key: string; had: Extras }) | undefined;
    try {
      found = readCell(file);
    } catch (error) {
      this.notes.push(`${id} is done again: ${file} cannot be read (${reasonOf(error)}).`);
    }
    if (found?.key !== key) return undefined;
    const { had, outcomes, estimator, traces } = found;
    if (had.images < wanted.images || had.traces < wanted.traces) return undefined;
    if (outcomes.map(({ index }) => index).join() !== indices.join()) return undefined;
    this.#used.add(path.basename(folder));
    return { outcomes, estimator, ...(traces && { traces }) };
  }

  /** Keeps a cell, if it is certain to come out the same again: whole, and nothing unassessed for want of time. */
  write(id: string, key: string, finished: Finished, had: Extras): void {
    if (finished.outcomes.some(({ status, defect }) => status === 'unassessed' && !defect)) return;
    const folder = cellFolder(this.#output, { id, key });
    mkdirSync(folder, { recursive: true });
    writeWhole(path.join(folder, 'outcomes.jsonl'), cellLines(key, finished, had));
    this.#used.add(path.basename(folder));
  }

  forget(id: string, key: string): void {
    rmSync(cellFolder(this.#output, { id, key }), { recursive: true, force: true });
  }

  /** Removes what many runs have not used. */
  clean(): void {
    const cells = path.join(this.#output, 'cells');
    if (!existsSync(cells)) return;
    const file = path.join(cells, 'used.json');
    const { run, used } = readUses(file);
    const now = run + 1;
    const lastUse = new Map<string, number>();
    for (const { name } of readdirSync(cells, { withFileTypes: true }).filter((one) => one.isDirectory())) {
      const last = this.#used.has(name) ? now : (used.get(name) ?? now);
      if (now - last >= keptRuns) rmSync(path.join(cells, name), { recursive: true, force: true });
      else lastUse.set(name, last);
    }
    writeWhole(file, [seal({ run: now, used: Object.fromEntries(lastUse) })]);
  }
}

function* cellLines(
  key: string,
  { outcomes, estimator, traces = [] }: Finished,
  had: Extras,
): Generator<string> {
  const line = (content: Line) => seal(content);
  yield line({ kind: 'cell', key, had, estimator });
  for (let from = 0; from < outcomes.length; from += outcomesPerLine)
    yield line({ kind: 'outcomes', outcomes: outcomes.slice(from, from + outcomesPerLine) });
  for (const trace of traces) yield line({ kind: 'trace', trace });
  yield line({ kind: 'end', outcomes: outcomes.length, traces: traces.length });
}

/** @throws Error with the reason, if anything is not as it was written */
function readCell(file: string): Finished & { key: string; had: Extras } {
  let [head, end]: [Extract<Line, { kind: 'cell' }>?, Extract<Line, { kind: 'end' }>?] = [];
  const outcomes: Outcome[] = [];
  const traces: Trace[] = [];
  for (const { line } of readLines(file)) {
    const found = unseal(line) as Line | undefined;
    if (!found) throw new Error('a line of it is damaged');
    if (found.kind === 'cell') head = found;
    else if (found.kind === 'outcomes') outcomes.push(...found.outcomes);
    else if (found.kind === 'trace') traces.push(found.trace);
    else end = found;
  }
  if (!head || end?.outcomes !== outcomes.length || end.traces !== traces.length)
    throw new Error('lines of it are missing');
  if (!outcomes.every(isOutcome)) throw new Error('it has what is no outcome');
  const { key, estimator } = head;
  const had = { images: head.had.images ?? Infinity, traces: head.had.traces };
  return { key, had, outcomes, estimator, ...(traces.length > 0 && { traces }) };
}

/** When each cell was used last, counted in runs. One that is not known counts as used now. */
function readUses(file: string): { run: number; used: Map<string, number> } {
  const text = existsSync(file) ? readFileSync(file, 'utf8').trimEnd() : '';
  const found = unseal(text) as { run: number; used: Record<string, number> } | undefined;
  return found ? { run: found.run, used: new Map(Object.entries(found.used)) } : { run: 0, used: new Map() };
}
