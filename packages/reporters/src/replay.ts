import type { CellReport, Outcome } from '@gauntlet/core';

/** The samples a person wants to look at first: those that speak against the victim most clearly. */
export function worstSamples({ outcomes }: CellReport, most = 5): number[] {
  const rank = (one: Outcome) => (one.status === 'broken' ? (one.l2 ?? Infinity) : Infinity);
  const broken = outcomes.filter(({ status }) => status === 'broken').sort((a, b) => rank(a) - rank(b));
  const chosen = broken.length > 0 ? broken : outcomes.filter(({ status }) => status === 'unassessed');
  return chosen.slice(0, most).map(({ index }) => index);
}

/** The command that runs one sample again. `folder` is the run folder. */
export function replayCommand(folder: string, cell: string, sample: number): string {
  const quote = (word: string) =>
    /^[\w./@:-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
  return `gauntlet replay ${quote(folder)} ${quote(cell)} ${sample}`;
}
