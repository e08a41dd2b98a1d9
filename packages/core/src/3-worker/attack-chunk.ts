import { type Outcome, tidyAsync } from '@gauntlet/api';
import { codeHash } from '../plugins/code-hash.js';
import { loadPlugin } from '../plugins/load-plugin.js';
import { joinImages, saveChunkImages } from '../store/images.js';
import { aim } from './aim.js';
import { attackRows } from './attack-rows.js';
import { tallyCorruptions } from './corruption.js';
import type { Opened, OpenSettings } from './open-setting.js';
import type { ChunkResult, ChunkTask } from './task.js';
import { type Spent, tryExamples } from './try-examples.js';

/** Whatever tensors a chunk makes are gone at its end. */
export async function attackChunk(task: ChunkTask, opened: OpenSettings): Promise<ChunkResult> {
  const code = codeOf(task);
  const setting = await opened.open(task);
  const result = await tidyAsync(() => attackSamples(task, setting));
  const samples = await setting.dataset.sampleHashes(task.indices);
  const { hash, engine } = setting.info;
  return { ...result, engines: [engine], inputs: { victim: hash, samples, code } };
}

const codes = new Map<string, string>();

/** Of the plugins that a chunk is done with, as they were when this process first did one with them. */
function codeOf({ attack, victim, estimator }: ChunkTask): Record<string, string> {
  const plugins = [attack, attack.criterion, victim.source, victim.engineSource, estimator];
  const urls = plugins.flatMap((one) => one?.plugin.url ?? []);
  return Object.fromEntries(
    urls.map((url) => {
      const hash = codes.get(url) ?? codeHash(url).hash;
      codes.set(url, hash);
      return [url, hash];
    }),
  );
}

/** Clean prediction → examples of an earlier run → attack on what is left → referee. */
async function attackSamples(task: ChunkTask, opened: Opened): Promise<ChunkResult> {
  const { victim, dataset } = opened;
  const attack = await loadPlugin('attack', task.attack.plugin);
  const { early, aimed, all } = await aim(task, { victim, dataset });
  const outcomes = early as Outcome[];
  const tried = aimed && (await tryExamples(task, opened, aimed));
  const left = tried ? tried.left : aimed;
  const attacked = left && (await attackRows(attack, task, opened, left));
  tried?.rows.forEach((row, i) => (outcomes[row] = tried.outcomes[i]));
  left?.rows.forEach((row, i) => (outcomes[row] = withCost(attacked!.outcomes[i], tried?.spent.get(row))));
  const images = joinImages([tried?.images, attacked?.images].filter((one) => one !== undefined));
  if (task.saveImages && images) {
    const byIndex = new Map(outcomes.map((outcome) => [outcome.index, outcome]));
    const judged = images.indices.map((index) => byIndex.get(index)!);
    saveChunkImages(task.saveImages, images, judged, dataset.imageShape);
  }
  return {
    outcomes: await tallyCorruptions(attack, task, { victim, batch: all }, outcomes),
    estimator: attacked?.estimator,
    traces: attacked?.traces,
    checkSeconds: attacked?.checkSeconds,
    images: task.keepImages ? images : undefined,
  };
}

/** What an example that did not break a sample took is part of what was spent on it. */
function withCost(outcome: Outcome, spent: Spent | undefined): Outcome {
  const { forwards, seconds } = outcome;
  if (!spent || forwards === undefined || seconds === undefined) return outcome;
  const cost = { forwards: forwards + spent.forwards, seconds: seconds + spent.seconds };
  return { ...outcome, example: 'withstood', ...cost };
}
