import * as tf from '@tensorflow/tfjs-core';
import { loadPlugin } from '../attacks/load-plugin.js';
import type { Attack } from '../attacks/define-attack.js';
import type { Goal } from '../attacks/criteria.js';
import type { CriterionPlugin } from '../attacks/define-criterion.js';
import { callAttack } from './call-attack.js';
import { resolveTargets } from '../attacks/threat-model.js';
import type { Dataset } from '../datasets/open-dataset.js';
import { reasonOf } from '../errors/gauntlet-error.js';
import { assess } from '../referee/assess.js';
import { findFlat } from '../referee/flatness.js';
import { judge, pickBlocks, pickRows, type Batch } from '../referee/judge.js';
import { unassessed, type Outcome } from '../referee/outcome.js';
import { withoutAttack } from '../referee/without-attack.js';
import { tidyAsync } from '../tensors/scope.js';
import { CountedVictim, newLedger } from '../victims/counted-victim.js';
import type { LoadedVictim } from '../victims/loaded-victim.js';
import { isMemoryError } from './failures.js';
import { saveChunkImages, type ChunkImages } from './images.js';
import { openSetting, type Opened, type OpenSettings } from './open-setting.js';
import type { ChunkResult, ChunkTask } from './task.js';

/** Whatever tensors a chunk makes are gone at its end. */
export async function attackChunk(task: ChunkTask, opened: OpenSettings): Promise<ChunkResult> {
  const setting = await openSetting(task, opened);
  let result: ChunkResult | undefined;
  await tidyAsync(async () => {
    result = await attackSamples(task, setting);
    return [];
  });
  return result!;
}

/** Clean prediction → attack on what can be attacked → referee. */
async function attackSamples(task: ChunkTask, { victim, dataset, yardstick }: Opened): Promise<ChunkResult> {
  const attack = (await loadPlugin(task.attack.plugin)) as Attack;
  const all = takeBatch(task, task.indices, dataset, victim);
  const own = await openCriterion(task, victim, all);
  const clean = await judge(victim, all.clean, all.clean, all.labels, { goal: own });
  const early = task.indices.map((index, row) => withoutAttack(victim, all, row, clean, index));
  const rows = [...task.indices.keys()].filter((row) => !early[row]);
  if (rows.length === 0) return { outcomes: early as Outcome[] };

  const batch = takeBatch(task, rows.map((row) => task.indices[row]), dataset, victim); // prettier-ignore
  const before = pickRows(clean, rows);
  const started = performance.now();
  const ledger = newLedger(rows.length);
  const goal = own && ((some: readonly number[]) => own(some.map((i) => rows[i])));
  const returned = await callAttack(attack, task, { victim, batch, before, ledger, goal, yardstick }).catch(
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
      outcomes[row] = { ...unassessed(task.indices[row], returned), ...seen };
    });
    return { outcomes };
  }
  const threat = task.attack.threat;
  const assessed = await assess(victim, batch, before, returned, threat, yardstick, goal);
  const judged = assessed.outcomes;
  const exact = task.victim.gradients !== 'estimated';
  if (task.attack.usesGradients && exact) await markFlat(victim, batch, judged);
  rows.forEach((row, i) => {
    const cost = {
      ...(judged[i].status === 'broken' && returned.watch.costOfSuccess(i)),
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
  return { outcomes, estimator, traces: watch.traces, images: task.keepImages ? images : undefined };
}

/** The criterion that the spec gives to the attack, bound to a batch; nothing for the standard one. */
async function openCriterion(task: ChunkTask, victim: LoadedVictim, batch: Batch): Promise<Goal | undefined> {
  const { criterion } = task.attack;
  if (!criterion) return undefined;
  const plugin = (await loadPlugin(criterion.plugin)) as CriterionPlugin;
  const n = batch.indices.length;
  return plugin.open({
    victim: new CountedVictim(victim, newLedger(n)),
    x: tf.tensor4d(batch.clean.slice(), [n, ...victim.traits.inputShape]),
    labels: batch.labels ?? new Int32Array(n),
    targets: batch.targets,
    params: criterion.params,
  });
}

function takeBatch(task: ChunkTask, indices: number[], dataset: Dataset, victim: LoadedVictim): Batch {
  const labels = victim.traits.kind === 'classifier' ? dataset.labels(indices) : undefined;
  return {
    indices,
    labels,
    targets: resolveTargets(labels, victim.traits.classes, task.attack.threat.target),
    clean: dataset.images(indices, victim.traits.bounds),
  };
}

/** Held samples of a gradient attack get a look at whether there was any gradient to be had. */
async function markFlat(victim: LoadedVictim, { labels, clean }: Batch, outcomes: Outcome[]): Promise<void> {
  const held = [...outcomes.keys()].filter((i) => outcomes[i].status === 'held');
  if (!labels || held.length === 0) return;
  const flat = await findFlat(
    victim,
    pickBlocks(clean, held, outcomes.length),
    Int32Array.from(held, (row) => labels[row]),
  );
  held.forEach((row, i) => (outcomes[row].flat = flat[i] === 1));
}
