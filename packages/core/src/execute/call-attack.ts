import * as tf from '@tensorflow/tfjs-core';
import type { Goal } from '../attacks/criteria.js';
import type { Attack } from '../attacks/define-attack.js';
import { standardGoal } from '../attacks/goal.js';
import { GauntletError } from '../errors/gauntlet-error.js';
import { BatchRandom } from '../random/streams.js';
import type { Batch, Judgement } from '../referee/judge.js';
import type { Yardstick } from '../referee/yardstick.js';
import { tidyAsync } from '../tensors/scope.js';
import { CountedVictim, type Ledger } from '../victims/counted-victim.js';
import type { LoadedVictim } from '../victims/loaded-victim.js';
import type { ChunkTask } from './task.js';
import { Watch } from './watch.js';

interface Scene {
  victim: LoadedVictim;
  batch: Batch;
  /** What the victim says of the clean inputs. */
  before: Judgement;
  ledger: Ledger;
  /** The spec's own criterion, if it has one. */
  goal?: Goal;
  yardstick?: Yardstick;
}

export interface Returned {
  /** [n·d] */
  perturbed: Float32Array;
  own?: ArrayLike<number>;
  estimator?: string;
  watch: Watch;
}

/** Lets an attack perturb a batch, and takes down what it cost. */
export async function callAttack(
  attack: Attack,
  task: ChunkTask,
  { victim, batch, before, ledger, goal: own, yardstick }: Scene,
): Promise<Returned> {
  const { threat, params, budget } = task.attack;
  const { targets, indices } = batch;
  const n = indices.length;
  const shape: [number, number, number, number] = [n, ...victim.traits.inputShape];
  const random = new BatchRandom(task.seed, attack.name, indices);
  const streams = task.victim.gradients === 'estimated' ? random.streams('gradient-estimate') : undefined;
  const { result, watch } = await tidyAsync(async () => {
    // A copy: what the referee compares with stays out of the attack's reach.
    const x = tf.tensor4d(batch.clean.slice(), shape);
    const labels = batch.labels ?? new Int32Array(n);
    const { kind } = victim.traits;
    const goal = own ?? standardGoal({ kind, x, labels, targets, cleanLoss: before.loss });
    const { clean } = batch;
    const traced = task.traces ?? [];
    const watch = new Watch({ victim, clean, indices, goal, needsFeatures: own !== undefined, threat, ledger, traced, yardstick }); // prettier-ignore
    const counted = new CountedVictim(victim, ledger, { streams, budget, watch });
    try {
      const result = await attack.perturb({ victim: counted, x, labels, targets, goal, params, random });
      return { result, watch };
    } finally {
      await counted.settle().finally(() => watch.dispose());
    }
  });
  const { perturbed, own: mutual } = result;
  if (perturbed.shape.join() !== shape.join()) {
    throw new GauntletError(
      'attack-shape',
      `it returned a tensor of shape [${perturbed.shape.join(', ')}] for inputs of [${shape.join(', ')}].`,
    );
  }
  const values = (await perturbed.data()) as Float32Array;
  perturbed.dispose();
  return { perturbed: values.slice(), own: mutual?.mi, estimator: mutual?.estimator, watch };
}
