import { loadPlugin } from '../attacks/load-plugin.js';
import type { Attack } from '../attacks/define-attack.js';
import type { Cell } from '../plan/cells.js';
import { makeChunks, type ChunkLimits } from '../plan/chunks.js';
import type { Outcome } from '../referee/outcome.js';
import type { VictimInfo } from '../victims/open-victim.js';

interface Plannable {
  cell: Cell;
  indices: readonly number[];
  outcomes: ReadonlyMap<number, Outcome>;
  openChunks: number;
}

/** The queue of chunks for all samples that have no outcome yet, cell by cell. */
export async function planChunks<T extends Plannable>(
  cells: readonly T[],
  victimOf: (cell: Cell) => VictimInfo,
  limits: Omit<ChunkLimits, 'bytesPerSample'>,
): Promise<{ item: T; indices: number[] }[]> {
  const queue: { item: T; indices: number[] }[] = [];
  for (const item of cells) {
    const { attack } = item.cell;
    const victim = victimOf(item.cell);
    const plugin = (await loadPlugin(attack.plugin)) as Attack;
    const own = plugin.bytesPerSample?.(attack.params, victim.inputShape) ?? 0;
    const pending = item.indices.filter((index) => !item.outcomes.has(index));
    const chunks = makeChunks(pending, { ...limits, bytesPerSample: victim.bytesPerSample + own });
    item.openChunks = chunks.length;
    queue.push(...chunks.map((indices) => ({ item, indices })));
  }
  return queue;
}
