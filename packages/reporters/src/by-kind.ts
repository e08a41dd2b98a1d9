import type { CellReport, Report } from '@gauntlet/api';

export type Kind = 'classifier' | 'autoencoder';

/** A report's cells by the kind of their victim, which decides what is worth a column; kinds without cells are left out. */
export function byKind({ victims, cells }: Report): { kind: Kind; cells: CellReport[] }[] {
  return (['classifier', 'autoencoder'] as const)
    .map((kind) => {
      const names = new Set(victims.filter((victim) => victim.kind === kind).map(({ name }) => name));
      return { kind, cells: cells.filter(({ victim }) => names.has(victim)) };
    })
    .filter((group) => group.cells.length > 0);
}
