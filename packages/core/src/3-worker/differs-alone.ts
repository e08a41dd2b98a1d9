import { isMet } from '@gauntlet/api';
import type { LoadedVictim } from '../victims/loaded-victim.js';
import { type AimedBatch, judgeAlone, type Judgement } from './judge.js';

/** Rows of a batch that are looked at alone in any case: so many nearest to the decision, the first and the last. */
const nearest = 6;
/** Criteria this near to 0, of values of ordinary size, are always looked at alone. */
const close = 1e-2;
/** What summing in another order may make of a criterion. */
const rounding = 1e-3;

/**
 * Rows that a victim judges differently alone and in the batch. Where all that are looked at give the same numbers but
 * for rounding, the others do too: their criteria are farther from the decision. Where one does not, every row is looked at.
 */
export async function differsAlone(
  victim: LoadedVictim,
  images: Float32Array,
  batch: AimedBatch,
  together: Judgement,
): Promise<ReadonlySet<number>> {
  const rows = [...batch.indices.keys()].filter((row) => together.finite[row]);
  const distance = (row: number) => Math.abs(together.criterion[row]);
  const sorted = rows.toSorted((a, b) => distance(a) - distance(b));
  const some = new Set(sorted.filter((row, i) => i < nearest || distance(row) <= close));
  for (const row of [rows[0], rows.at(-1)]) if (row !== undefined) some.add(row);

  const alone = await judgeAlone(victim, images, batch, [...some]);
  const agrees = (row: number) =>
    alone.finite[row] &&
    Math.abs(alone.criterion[row] - together.criterion[row]) <= rounding * Math.max(1, distance(row));
  const all = [...some].every(agrees) ? alone : await judgeAlone(victim, images, batch, rows);
  const looked = all === alone ? [...some] : rows;
  return new Set(
    looked.filter((row) => !all.finite[row] || isMet(all.criterion[row]) !== isMet(together.criterion[row])),
  );
}
