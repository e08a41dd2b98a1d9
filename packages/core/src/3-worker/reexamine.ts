import { type Outcome, tidyAsync, unassessed } from '@gauntlet/api';
import { readImages } from '../store/images.js';
import { loadPlugin } from '../plugins/load-plugin.js';
import { aim } from './aim.js';
import { assess } from './assess.js';
import { findForeign, tallyCorruptions } from './corruption.js';
import type { OpenSettings } from './open-setting.js';
import type { ChunkResult, ReexamineTask } from './task.js';

/**
 * Judges images that a chunk returned once more, as the referee did where they were made: everything of an outcome that
 * follows from the images, nothing of what the attack did and cost. A sample without an image is unassessed.
 */
export async function reexamine(task: ReexamineTask, opened: OpenSettings): Promise<ChunkResult> {
  const { victim, dataset, yardstick, info } = await opened.open(task);
  const attack = await loadPlugin('attack', task.attack.plugin);
  const outcomes = await tidyAsync(async () => {
    const { early, aimed, all } = await aim(task, { victim, dataset });
    const found = early as Outcome[];
    const tallied = () => tallyCorruptions(attack, task, { victim, batch: all }, found);
    if (!aimed) return tallied();
    const { rows, batch, before } = aimed;
    const images = await readImages(task.images, batch.indices, ['perturbed']);
    if (images.perturbed.length !== batch.clean.length) {
      rows.forEach((row, i) => (found[row] = unassessed(batch.indices[i], 'there is no image of it')));
      return tallied();
    }
    const { threat } = task.attack;
    const foreign = await findForeign(attack, task, { victim, batch }, images);
    const assessed = await assess(victim, batch, before, { ...images, foreign }, threat, yardstick);
    rows.forEach((row, i) => (found[row] = assessed.outcomes[i]));
    return tallied();
  });
  const samples = await dataset.sampleHashes(task.indices);
  return { outcomes, engines: [info.engine], inputs: { victim: info.hash, samples, code: {} } };
}
