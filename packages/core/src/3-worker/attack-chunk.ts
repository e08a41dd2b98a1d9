import * as tf from '@tensorflow/tfjs-core';
import {
  type Goal,
  misclassified,
  type Outcome,
  reasonOf,
  resolveTargets,
  tidyAsync,
  unassessed,
} from '@gauntlet/api';
import type { Dataset } from '../datasets/open-dataset.js';
import { codeHash } from '../plugins/code-hash.js';
import { loadPlugin } from '../plugins/load-plugin.js';
import { type ChunkImages, saveChunkImages } from '../store/images.js';
import { CountedVictim, newLedger } from '../victims/counted-victim.js';
import type { LoadedVictim } from '../victims/loaded-victim.js';
import { assess } from './assess.js';
import { callAttack } from './call-attack.js';
import { findFlat } from './flatness.js';
import { type AimedBatch, type Batch, judgeClean, pickBlocks, pickRows } from './judge.js';
import { isMemoryError } from './memory-errors.js';
import type { Opened, OpenSettings } from './open-setting.js';
import type { ChunkResult, ChunkTask } from './task.js';
import { attackUnbounded } from './unbounded.js';
import { withoutAttack } from './without-attack.js';

/** Whatever tensors a chunk makes are gone at its end. */
export async function attackChunk(task: ChunkTask, opened: OpenSettings): Promise<ChunkResult> {
  const code = codeOf(task);
  const setting = await opened.open(task);
  const result = await tidyAsync(() => attackSamples(task, setting));
  const samples = await setting.dataset.sampleHashes(task.indices);
  return { ...result, inputs: { victim: setting.info.hash, samples, code } };
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
  const all = await takeBatch(task, dataset, victim);
  const clean = await judgeClean(victim, all, await openCriterion(task, victim, all));
  const early = task.indices.map((_, row) => withoutAttack(victim, all, row, clean));
  const rows = [...task.indices.keys()].filter((row) => !early[row]);
  if (rows.length === 0) return { outcomes: early as Outcome[] };

  const { goalSource } = clean;
  const goal: Goal = (some) => clean.goal(some.map((i) => rows[i]));
  const indices = rows.map((row) => task.indices[row]);
  const batch: AimedBatch = { ...rowsOfBatch(all, rows), goal, goalSource };
  const before = pickRows(clean.seen, rows);
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
    return { outcomes };
  }
  const threat = task.attack.threat;
  const assessed = await assess(victim, batch, before, returned, threat, yardstick);
  const judged = assessed.outcomes;
  const exact = task.victim.gradients !== 'estimated';
  if (task.attack.usesGradients && exact) await markFlat(victim, batch, judged, returned.perturbed);
  const norm = attack.shortest?.(task.attack.params);
  const unbounded = await attackUnbounded(attack, task, { victim, batch }, judged);
  rows.forEach((row, i) => {
    const standard = victim.traits.kind === 'classifier' && goalSource === 'standard';
    const cost = {
      ...(judged[i].status === 'broken' && returned.watch.costOfSuccess(i)),
      ...(judged[i].status === 'held' && standard && returned.watch.wayOfHeld(i)),
      ...(unbounded.found.has(i) && { unbounded: unbounded.found.get(i) }),
      ...(judged[i].status === 'broken' && returned.stages?.[i] && { stage: returned.stages[i] }),
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
    outcomes,
    estimator,
    traces: watch.traces,
    checkSeconds: unbounded.seconds,
    images: task.keepImages ? images : undefined,
  };
}

/** The criterion that the spec gives to the attack, bound to a batch; nothing for the standard one. */
async function openCriterion(task: ChunkTask, victim: LoadedVictim, batch: Batch): Promise<Goal | undefined> {
  const { criterion } = task.attack;
  if (!criterion) return undefined;
  const plugin = await loadPlugin('criterion', criterion.plugin);
  const n = batch.indices.length;
  const counted = new CountedVictim(victim, newLedger(n));
  const goal = await plugin.open({
    victim: counted,
    x: tf.tensor4d(batch.clean.slice(), [n, ...victim.traits.inputShape]),
    labels: batch.labels,
    targets: batch.targets,
    params: criterion.params,
  });
  await counted.settle();
  return goal;
}

async function takeBatch(
  { indices, attack, victim: { repeats }, randomised }: ChunkTask,
  dataset: Dataset,
  victim: LoadedVictim,
): Promise<Batch> {
  const { kind, classes } = victim.traits;
  const labels = dataset.labels(indices);
  return {
    indices,
    labels,
    targets: kind === 'classifier' ? resolveTargets(labels, classes, attack.threat.target) : undefined,
    clean: await dataset.images(indices, victim.traits.bounds),
    ...(randomised && repeats && { repeats }),
  };
}

function rowsOfBatch({ indices, labels, targets, clean, ...rest }: Batch, rows: readonly number[]): Batch {
  return {
    ...rest,
    indices: rows.map((row) => indices[row]),
    labels: labels && Int32Array.from(rows, (row) => labels[row]),
    targets: targets && Int32Array.from(rows, (row) => targets[row]),
    clean: pickBlocks(clean, rows, indices.length),
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
