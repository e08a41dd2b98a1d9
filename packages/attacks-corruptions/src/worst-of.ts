import {
  type AttackContext,
  type AttackResult,
  type CorruptionFamily,
  type CorruptionSetting,
  corruptRows,
  isMet,
  predictFor,
  tidyAsync,
  tf,
} from '@gauntlet/api';

/**
 * Tries all settings of a family in their order and keeps, for each sample, the first that meets the goal, or else the one with
 * the smallest criterion. Samples that are broken leave the batch.
 */
export async function worstOf<P, S extends CorruptionSetting>(
  family: CorruptionFamily<P, S>,
  { victim, x, goal, goalSource, params, random }: AttackContext<P, 'classifier'>,
): Promise<AttackResult> {
  const [n] = x.shape;
  const clean = (await x.data()) as Float32Array;
  const size = clean.length / n;
  const { inputShape: shape, bounds } = victim;
  const worst = clean.slice();
  const settings = new Int32Array(n);
  const smallest = new Float64Array(n).fill(Infinity);
  let rows = [...Array(n).keys()];
  for (const [k, setting] of family.settings(params).entries()) {
    if (rows.length === 0) break;
    const tried = await corruptRows(family, params, setting, { clean, shape, bounds, random }, rows);
    const f = await tidyAsync(async () => {
      const outputs = await predictFor(
        goalSource,
        victim.rows(rows),
        tf.tensor4d(tried, [rows.length, ...shape]),
      );
      return (await goal(rows).value(outputs).data()) as Float32Array;
    });
    rows.forEach((row, i) => {
      if (k > 0 && !(f[i]! < smallest[row]!)) return;
      smallest[row] = f[i]!;
      settings[row] = k;
      worst.set(tried.subarray(i * size, (i + 1) * size), row * size);
    });
    rows = rows.filter((row) => !isMet(smallest[row]!));
  }
  return { perturbed: tf.tensor4d(worst, x.shape), settings };
}
