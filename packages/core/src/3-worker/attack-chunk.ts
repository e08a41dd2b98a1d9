import { misclassified, type Outcome, reasonOf, tidyAsync, unassessed } from '@gauntlet/api';
import { codeHash } from '../plugins/code-hash.js';
import { loadPlugin } from '../plugins/load-plugin.js';
import { type ChunkImages, saveChunkImages } from '../store/images.js';
import { newLedger } from '../victims/counted-victim.js';
import type { LoadedVictim } from '../victims/loaded-victim.js';
import { aim } from './aim.js';
import { assess } from './assess.js';
import { callAttack } from './call-attack.js';
import { findForeign, settingNames, tallyCorruptions } from './corruption.js';
import { findFlat } from './flatness.js';
import { type AimedBatch, pickBlocks } from './judge.js';
import { isMemoryError } from './memory-errors.js';
import type { Opened, OpenSettings } from './open-setting.js';
import type { ChunkResult, ChunkTask } from './task.js';
import { attackUnbounded } from './unbounded.js';

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

/** Clean prediction → attack on what can be attacked → referee. */
async function attackSamples(task: ChunkTask, { victim, dataset, yardstick }: Opened): Promise<ChunkResult> {
  const attack = await loadPlugin('attack', task.attack.plugin);
  const { early, aimed, all } = await aim(task, { victim, dataset });
  const tallied = (found: Outcome[]) => tallyCorruptions(attack, task, { victim, batch: all }, found);
  if (!aimed) return { outcomes: await tallied(early as Outcome[]) };
  const { rows, batch, before } = aimed;
  const { indices, goalSource } = batch;
  const started = performance.now();
  const ledger = newLedger(rows.length);
  const returned = await callAttack(attack, task, { victim, batch, ledger, yardstick }).catch(
    (error: unknown) => {
      if (isMemoryError(error)) throw error;
      return `the attack ${attack.name} failed: ${reasonOf(error)}`;
    },
  );
  const seconds = (performance.now() - started) / 1000 / rows.length;
  const outcomes = early as Outcome[];
  if (typeof returned === 'string') {
    rows.forEach((row, i) => {
      const seen = { label: batch.labels?.[i], cleanPrediction: before.prediction[i] };
      const classifier = victim.traits.kind === 'classifier';
      outcomes[row] = { ...unassessed(indices[i], returned), ...(classifier && seen) };
    });
    return { outcomes: await tallied(outcomes) };
  }
  const threat = task.attack.threat;
  const foreign = await findForeign(attack, task, { victim, batch }, returned);
  const assessed = await assess(victim, batch, before, { ...returned, foreign }, threat, yardstick);
  const judged = assessed.outcomes;
  const exact = task.victim.gradients !== 'estimated';
  if (task.attack.usesGradients && exact) await markFlat(victim, batch, judged, returned.perturbed);
  const norm = attack.shortest?.(task.attack.params);
  const stages = returned.stages ?? settingNames(attack, task, returned.settings);
  const unbounded = await attackUnbounded(attack, task, { victim, batch }, judged);
  rows.forEach((row, i) => {
    const standard = victim.traits.kind === 'classifier' && goalSource === 'standard';
    const cost = {
      ...(judged[i].status === 'broken' && returned.watch.costOfSuccess(i)),
      ...(judged[i].status === 'held' && standard && returned.watch.wayOfHeld(i)),
      ...(unbounded.found.has(i) && { unbounded: unbounded.found.get(i) }),
      ...(judged[i].status === 'broken' && stages?.[i] && { stage: stages[i] }),
      ...(judged[i].status === 'broken' && norm && { minimalNorm: judged[i][norm] }),
      forwards: ledger.forwards[i],
      gradients: ledger.gradients[i],
      zeroGradients: ledger.zeroGradients[i],
      seconds,
    };
    outcomes[row] = { ...judged[i], ...cost };
  });
  const images: ChunkImages = {
    indices: [...batch.indices],
    clean: batch.clean,
    perturbed: returned.perturbed,
    cleanReconstruction: before.reconstruction,
    reconstruction: assessed.reconstruction,
  };
  if (task.saveImages) saveChunkImages(task.saveImages, images, judged, dataset.imageShape);
  const { estimator, watch } = returned;
  return {
    outcomes: await tallied(outcomes),
    estimator,
    traces: watch.traces,
    checkSeconds: unbounded.seconds,
    images: task.keepImages ? images : undefined,
  };
}

/**
 * Held samples of a gradient attack get a look at whether there was any gradient to be had: of a classifier's margin at
 * the clean input; of a goal of the spec's at the clean input and where the attack ended, since a goal that compares with
 * the clean input may begin at its own peak.
 */
async function markFlat(
  victim: LoadedVictim,
  { labels, clean, goal, goalSource }: AimedBatch,
  outcomes: Outcome[],
  perturbed: Float32Array,
): Promise<void> {
  const held = [...outcomes.keys()].filter((i) => outcomes[i].status === 'held');
  const standard = goalSource === 'standard';
  if (held.length === 0 || (standard && victim.traits.kind === 'autoencoder')) return;
  const criterion = standard ? misclassified(Int32Array.from(held, (row) => labels![row])) : goal(held);
  const at = (images: Float32Array) => findFlat(victim, pickBlocks(images, held, outcomes.length), criterion);
  const flat = await at(clean);
  const flatAtEnd = standard || !flat.includes(1) ? flat : await at(perturbed);
  held.forEach((row, i) => (outcomes[row].flat = flat[i] === 1 && flatAtEnd[i] === 1));
}
