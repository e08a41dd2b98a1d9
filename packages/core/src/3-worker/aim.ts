import { type Goal, type Outcome, type References, resolveTargets, victimKinds, tf } from '@gauntlet/api';
import type { Dataset } from '../datasets/open-dataset.js';
import { loadPlugin } from '../plugins/load-plugin.js';
import { CountedVictim, newLedger } from '../victims/counted-victim.js';
import type { LoadedVictim } from '../victims/loaded-victim.js';
import { type AimedBatch, judgeClean, pickSamples } from './judge.js';
import type { Opened } from './open-setting.js';
import type { ChunkTask } from './task.js';
import { type Batch, pickRows, type Seen } from './seen.js';
import { withoutAttack } from './without-attack.js';

/** Samples of a chunk that are to be attacked. */
export interface Aimed {
  /** Their places in the chunk. */
  rows: number[];
  batch: AimedBatch;
  /** What the victim says of the clean inputs. */
  before: Seen;
}

/** Clean predictions of a chunk: the outcomes of what needs no attack, by place, what is left to be attacked, and all of it. */
export async function aim(
  task: Omit<ChunkTask, 'kind'>,
  { victim, dataset }: Pick<Opened, 'victim' | 'dataset'>,
): Promise<{ early: (Outcome | undefined)[]; aimed?: Aimed; all: Batch }> {
  const all = await takeBatch(task, dataset, victim);
  const clean = await judgeClean(victim, all, await openCriterion(task, victim, dataset, all));
  const early = task.indices.map((_, row) => withoutAttack(victim, all, row, clean));
  const rows = [...task.indices.keys()].filter((row) => !early[row]);
  if (rows.length === 0) return { early, all };
  const { goalSource } = clean;
  const goal: Goal = (some) => clean.goal(some.map((i) => rows[i]));
  const batch: AimedBatch = { ...pickSamples(all, rows), goal, goalSource };
  return { early, aimed: { rows, batch, before: pickRows(clean.seen, rows) }, all };
}

/** The criterion that the spec gives to the attack, bound to a batch; nothing for the standard one. */
async function openCriterion(
  task: Pick<ChunkTask, 'attack'>,
  victim: LoadedVictim,
  dataset: Dataset,
  batch: Batch,
): Promise<Goal | undefined> {
  const { criterion } = task.attack;
  if (!criterion) return undefined;
  const plugin = await loadPlugin('criterion', criterion.plugin);
  const n = batch.indices.length;
  const counted = new CountedVictim(victim, newLedger(n));
  const goal = await plugin.open({
    victim: counted,
    x: tf.tensor4d(batch.clean.slice(), [n, ...victim.traits.inputShape]),
    labels: batch.labels,
    labelSets: batch.labelSets,
    targets: batch.targets,
    references: (count) => referencesOf(dataset, victim, batch, count),
    params: criterion.params,
  });
  await counted.settle();
  return goal;
}

async function referencesOf(
  dataset: Dataset,
  { traits: { inputShape, bounds } }: LoadedVictim,
  { indices }: Batch,
  count: number,
): Promise<References> {
  const chosen = dataset.indices.slice(0, count);
  return {
    images: tf.tensor4d(await dataset.images(chosen, bounds), [chosen.length, ...inputShape]),
    own: Int32Array.from(indices, (index) => chosen.indexOf(index)),
  };
}

async function takeBatch(
  { indices, attack, victim: { repeats }, randomised }: Omit<ChunkTask, 'kind'>,
  dataset: Dataset,
  victim: LoadedVictim,
): Promise<Batch> {
  const { kind, classes, multiLabel } = victim.traits;
  const labels = multiLabel ? undefined : dataset.labels(indices);
  return {
    indices,
    labels,
    ...(multiLabel && { labelSets: dataset.labelSets(indices) }),
    targets: victimKinds[kind].hasClasses ? resolveTargets(labels, classes, attack.threat.target) : undefined,
    clean: await dataset.images(indices, victim.traits.bounds),
    ...(randomised && repeats && { repeats }),
  };
}
