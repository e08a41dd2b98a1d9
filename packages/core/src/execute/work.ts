import * as tf from '@tensorflow/tfjs-core';
import { loadPlugin, importModule } from '../attacks/load-plugin.js';
import type { Attack } from '../attacks/define-attack.js';
import type { Goal } from '../attacks/criteria.js';
import type { CriterionPlugin } from '../attacks/define-criterion.js';
import { standardGoal } from '../attacks/goal.js';
import { resolveTargets } from '../attacks/threat-model.js';
import { openDataset, type Dataset } from '../datasets/open-dataset.js';
import { openEngine } from '../engines/open-engine.js';
import { GauntletError, reasonOf } from '../errors/gauntlet-error.js';
import { BatchRandom } from '../random/streams.js';
import { assess, judge, type Batch, type Judgement } from '../referee/assess.js';
import { findFlat } from '../referee/flatness.js';
import { unassessed, type Outcome } from '../referee/outcome.js';
import type { Yardstick } from '../referee/yardstick.js';
import { tidyAsync } from '../tensors/scope.js';
import { CountedVictim, newLedger } from '../victims/counted-victim.js';
import type { LoadedVictim } from '../victims/loaded-victim.js';
import { openVictim, type VictimInfo } from '../victims/open-victim.js';
import { isMemoryError } from './failures.js';
import { saveChunkImages, type ChunkImages } from './images.js';
import type { ChunkResult, ChunkTask, ProbeResult, ProbeTask, Setting, Task, TaskResult } from './task.js';

interface Opened {
  victim: LoadedVictim;
  info: VictimInfo;
  dataset: Dataset;
  yardstick?: Yardstick;
}

/** A worker opens each victim and dataset once. */
const opened = new Map<string, Promise<Opened>>();

async function open({ victim, dataset, seed, yardstick }: Setting): Promise<Opened> {
  // Another victim's engine may have been the last one here, and what tensors and estimators run on is its.
  await openEngine(victim.engine);
  const key = JSON.stringify([victim, dataset, seed, yardstick]);
  let found = opened.get(key);
  if (!found) {
    found = openSetting({ victim, dataset, seed, yardstick });
    opened.set(key, found);
  }
  return found;
}

async function openSetting(setting: Setting): Promise<Opened> {
  const dataset = await openDataset(setting.dataset, setting.seed);
  const { victim, info } = await openVictim(setting.victim, dataset.imageShape);
  checkLabels(setting, dataset, info);
  const yardstick = setting.yardstick && ((await importModule(setting.yardstick.url)).default as Yardstick);
  return { victim, info, dataset, yardstick };
}

function checkLabels({ victim }: Setting, dataset: Dataset, info: VictimInfo): void {
  if (victim.kind !== 'classifier') return;
  const labels = dataset.labels(dataset.indices);
  if (!labels)
    throw new GauntletError(
      'dataset-labels',
      `${victim.name} is a classifier, and the dataset has no labels. Name its label file.`,
    );
  const largest = labels.reduce((a, b) => Math.max(a, b), 0);
  if (largest >= info.classes) {
    throw new GauntletError(
      'dataset-labels',
      `The dataset has the label ${largest}; ${victim.name} has ${info.classes} classes (0 to ${info.classes - 1}).`,
    );
  }
}

/** Everything a worker can be asked to do. */
export async function work<T extends Task>(task: T): Promise<TaskResult<T>> {
  return (task.kind === 'probe' ? await probe(task) : await attackChunk(task)) as TaskResult<T>;
}

async function probe({ differentiates, ...setting }: ProbeTask): Promise<ProbeResult> {
  const { victim, info, dataset, yardstick } = await open(setting);
  if (differentiates && setting.victim.gradients !== 'estimated') await tryGradient(victim);
  const { imageShape, indices, classNames } = dataset;
  return {
    victim: info,
    dataset: {
      imageShape,
      indices: [...indices],
      classNames: classNames && [...classNames],
      hash: dataset.hash(),
    },
    yardstick: yardstick?.name,
  };
}

/** Compiles the gradient now: a model without one is an error of the spec, not of each sample. */
async function tryGradient(victim: LoadedVictim): Promise<void> {
  const [h, w, c] = victim.traits.inputShape;
  const { gradient } = await tidyAsync(async () => {
    const result = await victim.differentiate(tf.fill([1, h, w, c], victim.traits.bounds[0]), (outputs) => {
      const output = victim.traits.kind === 'autoencoder' ? outputs.reconstruction : outputs.logits;
      return tf.sum(tf.reshape(output, [1, -1]), 1);
    });
    return { gradient: result.gradient };
  });
  gradient.dispose();
}

/** Whatever tensors a chunk makes are gone at its end. */
async function attackChunk(task: ChunkTask): Promise<ChunkResult> {
  const setting = await open(task);
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
  const returned = await callAttack(attack, task, victim, batch, before, ledger, goal).catch(
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
  return { outcomes, estimator: returned.estimator, images: task.keepImages ? images : undefined };
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

/** The outcome of a sample that needs no attack, or nothing. */
function withoutAttack(
  victim: LoadedVictim,
  batch: Batch,
  row: number,
  clean: Judgement,
  index: number,
): Outcome | undefined {
  if (!clean.finite[row])
    return unassessed(index, 'the victim gives NaN or infinite outputs for the clean input');
  const metBefore = clean.criterion !== undefined && clean.criterion[row] < 0;
  if (victim.traits.kind === 'autoencoder') {
    const cleanLoss = clean.loss[row];
    if (metBefore)
      return { index, status: 'skipped', reason: 'the criterion is met before the attack', cleanLoss };
    return undefined;
  }
  const [label, target, prediction] = [batch.labels![row], batch.targets?.[row], clean.prediction[row]];
  const seen = {
    index,
    label,
    target,
    cleanPrediction: prediction,
    cleanConfidence: clean.confidence[row],
    cleanLoss: clean.loss[row],
  };
  if (prediction !== label) return { ...seen, status: 'skipped', reason: 'misclassified before the attack' };
  if (metBefore) return { ...seen, status: 'skipped', reason: 'the criterion is met before the attack' };
  if (prediction === target) return { ...seen, status: 'skipped', reason: 'already the target class' };
  return undefined;
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

function pickRows(all: Judgement, rows: readonly number[]): Judgement {
  return {
    prediction: Int32Array.from(rows, (row) => all.prediction[row]),
    confidence: Float64Array.from(rows, (row) => all.confidence[row]),
    loss: Float64Array.from(rows, (row) => all.loss[row]),
    finite: Uint8Array.from(rows, (row) => all.finite[row]),
    criterion: all.criterion && Float64Array.from(rows, (row) => all.criterion![row]),
    reconstruction: all.reconstruction && pickBlocks(all.reconstruction, rows, all.loss.length),
  };
}

/** Rows of [n·d]. */
function pickBlocks(all: Float32Array, rows: readonly number[], n: number): Float32Array {
  const size = all.length / n;
  const picked = new Float32Array(rows.length * size);
  rows.forEach((row, i) => picked.set(all.subarray(row * size, (row + 1) * size), i * size));
  return picked;
}

async function callAttack(
  attack: Attack,
  task: ChunkTask,
  victim: LoadedVictim,
  batch: Batch,
  before: Judgement,
  ledger: ReturnType<typeof newLedger>,
  goal: Goal | undefined,
): Promise<{ perturbed: Float32Array; own?: ArrayLike<number>; estimator?: string }> {
  const n = batch.indices.length;
  const shape: [number, number, number, number] = [n, ...victim.traits.inputShape];
  let own: { mi: ArrayLike<number>; estimator: string } | undefined;
  const estimated = task.victim.gradients === 'estimated';
  const estimator = estimated ? new BatchRandom(task.seed, attack.name, batch.indices).streams('gradient-estimate') : undefined; // prettier-ignore
  const { targets } = batch;
  const perturbed = await tidyAsync(async () => {
    // A copy: what the referee compares with stays out of the attack's reach.
    const x = tf.tensor4d(batch.clean.slice(), shape);
    const labels = batch.labels ?? new Int32Array(n);
    const { kind } = victim.traits;
    const result = await attack.perturb({
      victim: new CountedVictim(victim, ledger, undefined, estimator),
      x,
      labels,
      targets,
      goal: goal ?? standardGoal({ kind, x, labels, targets, cleanLoss: before.loss }),
      params: task.attack.params,
      random: new BatchRandom(task.seed, attack.name, batch.indices),
    });
    own = result.own;
    return result.perturbed;
  });
  if (perturbed.shape.join() !== shape.join()) {
    throw new GauntletError(
      'attack-shape',
      `it returned a tensor of shape [${perturbed.shape.join(', ')}] for inputs of [${shape.join(', ')}].`,
    );
  }
  const values = (await perturbed.data()) as Float32Array;
  perturbed.dispose();
  return { perturbed: values.slice(), own: own?.mi, estimator: own?.estimator };
}
