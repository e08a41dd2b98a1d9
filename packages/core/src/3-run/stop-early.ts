import type { Outcome } from '@gauntlet/api';
import type { Progress } from '../2-plan/open-cells.js';
import type { Chunk } from '../2-plan/plan-chunks.js';
import { decidedAfter } from '../4-judge/decided-after.js';

/**
 * Ends a cell once what is expected of it is decided (`gate: early`). Only the leading samples count, as far as all of them are
 * there: what other workers did ahead of them is dropped, and so are the chunks that nobody has begun.
 */
export function stopEarly(item: Progress, queue: Chunk[]): void {
  const { indices, outcomes, cell } = item;
  if (item.decidedAfter === undefined) {
    const leading = leadingOutcomes(item);
    item.decidedAfter = decidedAfter(cell.attack.expectations, leading, item.undecided);
    item.undecided = leading.length;
  }
  if (item.decidedAfter === undefined) return;
  const rest = new Set(indices.slice(item.decidedAfter));
  rest.forEach((index) => outcomes.delete(index));
  item.traces = item.traces.filter(({ index }) => !rest.has(index));
  const left = queue.filter((chunk) => chunk.item !== item);
  item.openChunks -= queue.length - left.length;
  queue.splice(0, queue.length, ...left);
}

function leadingOutcomes({ indices, outcomes }: Progress): Outcome[] {
  const first = indices.findIndex((index) => !outcomes.has(index));
  return indices.slice(0, first < 0 ? indices.length : first).map((index) => outcomes.get(index)!);
}
