import type { Report, Shard } from '@gauntlet/api';

/** Seconds by the id of a cell, from an earlier run. */
export type Costs = ReadonlyMap<string, number>;

/** What each cell took at the workers in a run. */
export const costsOf = ({ cells }: Pick<Report, 'cells'>): Costs =>
  new Map(cells.map(({ id, outcomes }) => [id, outcomes.reduce((sum, { seconds = 0 }) => sum + seconds, 0)]));

/**
 * One of several shares of some cells. Without costs every `count`-th; with costs the dearest cells are dealt out first,
 * each to the share that has least so far. A cell that no earlier run had counts as an average one. All machines deal
 * alike, if they have the same cells and costs.
 */
export function shareOf<T extends { id: string }>(
  cells: readonly T[],
  { index, count }: Shard,
  costs?: Costs,
): T[] {
  if (!costs) return cells.filter((_, i) => i % count === index - 1);
  const known = cells.flatMap(({ id }) => costs.get(id) ?? []);
  const average = known.length > 0 ? known.reduce((a, b) => a + b, 0) / known.length : 1;
  const cost = ({ id }: T) => costs.get(id) ?? average;
  const loads = Array.from({ length: count }, () => ({ seconds: 0, cells: new Set<T>() }));
  for (const cell of [...cells].sort((a, b) => cost(b) - cost(a))) {
    // Fewer cells where seconds are equal: cells that cost nothing are not all dealt to one.
    const least = loads.reduce((a, b) =>
      b.seconds < a.seconds || (b.seconds === a.seconds && b.cells.size < a.cells.size) ? b : a,
    );
    least.seconds += cost(cell);
    least.cells.add(cell);
  }
  return cells.filter((cell) => loads[index - 1].cells.has(cell));
}
