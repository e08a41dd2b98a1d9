import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { timed } from '../timing.mjs';

/** Images and iterations of a probe: the difference of two lengths leaves out what opening a model takes. */
const [images, short, long] = [10, 1, 4];

/**
 * Processor seconds that an attack takes for one image, by a few iterations of it; undefined where the attack has no
 * iterations or its model is not trained yet.
 * @param {(spec: object, folder: string) => Promise<unknown>} runCell
 */
export async function probeAttack({ victim, attack, dataset, seed }, runCell) {
  const length = ['iterations', 'steps'].find((name) => name in attack.params);
  if (length === undefined || (path.isAbsolute(victim.model) && !existsSync(victim.model))) return undefined;
  const seconds = async (count) => {
    const params = { ...attack.params, [length]: count, ...(attack.params.searches && { searches: 1 }) };
    const spec = { victim, dataset: { ...dataset, take: images }, seed, attacks: [{ ...attack, params }] };
    // Of this call alone: another may be probing the same attack.
    const folder = mkdtempSync(path.join(tmpdir(), 'gauntlet-probe-'));
    try {
      return (await timed(() => runCell(spec, folder))).cost.cpuSeconds;
    } finally {
      rmSync(folder, { recursive: true });
    }
  };
  await seconds(short);
  const [few, many] = [await seconds(short), await seconds(long)];
  const { [length]: iterations, searches = 1 } = attack.params;
  return (Math.max(0, many - few) / (long - short) / images) * iterations * searches;
}
