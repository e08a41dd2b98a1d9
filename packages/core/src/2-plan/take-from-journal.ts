import { GauntletError } from '@gauntlet/api';
import type { Finished, JournalLine } from '../store/journal.js';
import type { Cell } from './cells.js';

const causes =
  'something that they depend on (the attack, its code or parameters, the model, the data, the seed, the engine or a version)';

type Names = Pick<JournalLine, 'victim' | 'attack'>;

/** What an interrupted run has done of this one. */
export interface Taken {
  finished: ReadonlyMap<Cell, Finished>;
  /** One sentence, if outcomes were left aside. */
  note?: string;
}

/**
 * Gives each cell the lines of its key. Names are compared as well: two cells of one key stay apart, and images lie in
 * folders by name. Lines of cells that the spec has and this run is not for are neither taken nor spoken of.
 * @throws GauntletError `resume-mismatch` if lines are left aside and none is taken
 */
export function takeFromJournal(
  file: string,
  lines: readonly JournalLine[],
  keys: ReadonlyMap<Cell, string>,
  specCells: readonly Cell[],
): Taken {
  const finished = new Map<Cell, Finished>();
  const changed = new Map<string, number>();
  const gone = new Map<string, number>();
  for (const line of lines) {
    const cell = [...keys.keys()].find((one) => isOf(one, line));
    if (cell && keys.get(cell) === line.key) finished.set(cell, add(finished.get(cell), line));
    else if (cell) count(changed, line);
    else if (!specCells.some((one) => isOf(one, line))) count(gone, line);
  }
  const aside = [
    changed.size > 0 && `${causes} has changed since: ${listed(changed)}`,
    gone.size > 0 && `the spec has no such cell: ${listed(gone)}`,
  ].filter((reason) => reason !== false);
  if (aside.length === 0) return { finished };
  if (finished.size === 0)
    throw new GauntletError(
      'resume-mismatch',
      `${file} belongs to another run; ${aside.join('; ')}. Run without --resume.`,
    );
  const outcomes = [...changed.values(), ...gone.values()].reduce((a, b) => a + b, 0);
  return { finished, note: `${outcomes} outcomes of the journal are left aside; ${aside.join('; ')}.` };
}

const isOf = ({ victim, attack }: Cell, line: Names) =>
  victim.name === line.victim && attack.name === line.attack;

const add = (
  before: Finished = { outcomes: [] },
  { outcomes, estimator, traces = [], otherEngines = [] }: Finished,
) => ({
  outcomes: [...before.outcomes, ...outcomes],
  estimator: before.estimator ?? estimator,
  traces: [...(before.traces ?? []), ...traces],
  otherEngines: [...(before.otherEngines ?? []), ...otherEngines],
});

function count(counts: Map<string, number>, { victim, attack, outcomes }: JournalLine): void {
  const id = `${victim}/${attack}`;
  counts.set(id, (counts.get(id) ?? 0) + outcomes.length);
}

const listed = (counts: ReadonlyMap<string, number>) =>
  [...counts].map(([id, outcomes]) => `${id} (${outcomes})`).join(', ');
