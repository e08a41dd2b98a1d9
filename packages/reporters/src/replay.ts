import path from 'node:path';
import { type CellReport, type ReporterContext, worstFirst } from '@gauntlet/api';
import { lookedAt } from './evidence.js';

/** The samples a person wants to look at first: those that speak against the victim most clearly. */
export function worstSamples(cell: CellReport, most = 5): number[] {
  const outcomes = lookedAt(cell);
  return worstFirst(outcomes)
    .slice(0, most)
    .map((i) => outcomes[i].index);
}

/** The run folder as a person types it where the run was started: no report says where that is. */
export function shownFolder({ folder, cwd }: Pick<ReporterContext<unknown>, 'folder' | 'cwd'>): string {
  const relative = path.relative(cwd, folder) || '.';
  return relative.startsWith('-') ? `./${relative}` : relative;
}

/** The command that runs one sample again. `folder` is the run folder as it is shown. */
export function replayCommand(folder: string, cell: string, sample: number): string {
  const quote = (word: string) =>
    /^[\w./@:-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
  return `gauntlet replay ${quote(folder)} ${quote(cell)} ${sample}`;
}
