import { totalmem } from 'node:os';
import { stopsEarly } from '../1-spec/early.js';
import { loadPlugin } from '../plugins/load-plugin.js';
import type { VictimInfo } from '../victims/open-victim.js';
import type { Cell } from './cells.js';
import { bytesOfRunner, type ChunkLimits, makeChunks } from './chunks.js';
import type { Progress } from './open-cells.js';

/** Samples of one cell, for one worker in one go. */
export interface Chunk {
  item: Progress;
  indices: number[];
}

/** Samples of a chunk of a cell that may end on the way: what a chunk has begun, it does to its end. */
const earlyBatch = 20;

/** The queue of chunks for all samples that have no outcome yet, cell by cell. */
export async function planChunks(
  cells: readonly Progress[],
  victimOf: (cell: Cell) => VictimInfo,
  limits: Omit<ChunkLimits, 'bytesPerSample'>,
): Promise<Chunk[]> {
  const queue: Chunk[] = [];
  for (const item of cells) {
    const { attack } = item.cell;
    const victim = victimOf(item.cell);
    const plugin = await loadPlugin('attack', attack.plugin);
    const attackBytes = plugin.bytesPerSample?.(attack.params, victim.inputShape) ?? 0;
    const pending = item.indices.filter((index) => !item.outcomes.has(index));
    const runnerBytes = bytesOfRunner(victim.inputShape, victim.featureSource);
    const bytesPerSample = victim.bytesPerSample + attackBytes + runnerBytes;
    const batchSize = stopsEarly(attack.expectations)
      ? Math.min(limits.batchSize, earlyBatch)
      : limits.batchSize;
    const chunks = makeChunks(pending, { ...limits, batchSize, bytesPerSample });
    item.openChunks = chunks.length;
    queue.push(...chunks.map((indices) => ({ item, indices })));
  }
  return queue;
}

/** A wasm heap ends at 4 GiB; half of the machine is left to everything else. */
export const memoryPerWorker = (workers: number): number =>
  Math.min(2 * 2 ** 30, totalmem() / 2 / Math.max(1, workers));
