import { type Attack, BatchRandom, GauntletError, tidyAsync, type Yardstick, tf } from '@gauntlet/api';
import { CountedVictim, type Ledger } from '../victims/counted-victim.js';
import type { LoadedVictim } from '../victims/loaded-victim.js';
import type { AimedBatch } from './judge.js';
import type { ChunkTask } from './task.js';
import { Watch } from './watch.js';

interface Scene {
  victim: LoadedVictim;
  batch: AimedBatch;
  ledger: Ledger;
  yardstick?: Yardstick;
}

export interface Returned {
  /** [n·d] */
  perturbed: Float32Array;
  /** [n] the attack's own estimate of mutual information, and how it was made. */
  ownEstimate?: ArrayLike<number>;
  estimator?: string;
  /** [n] the stage of the attack that each sample comes from, if it has any. */
  stages?: readonly (string | undefined)[];
  /** [n] of an attack with a corruption: the setting of each sample. */
  settings?: ArrayLike<number>;
  watch: Watch;
}

/** Lets an attack perturb a batch, and takes down what it cost. */
export async function callAttack(
  attack: Attack,
  task: ChunkTask,
  { victim, batch, ledger, yardstick }: Scene,
): Promise<Returned> {
  const { threat, params, budget } = task.attack;
  const { labels, targets, indices, goal, goalSource, clean } = batch;
  const n = indices.length;
  const shape: [number, number, number, number] = [n, ...victim.traits.inputShape];
  const random = new BatchRandom(task.seed, attack.name, indices);
  const streams = task.victim.gradients === 'estimated' ? random.streams('gradient-estimate') : undefined;
  const { result, watch } = await tidyAsync(async () => {
    // A copy: what the referee compares with stays out of the attack's reach.
    const x = tf.tensor4d(clean.slice(), shape);
    const traced = task.traces ?? [];
    const watch = new Watch({
      victim,
      clean,
      indices,
      goal,
      needsFeatures: goalSource === 'spec',
      threat,
      ledger,
      traced,
      yardstick,
    });
    const eot = task.randomised ? task.victim.eot : undefined;
    const counted = new CountedVictim(victim, ledger, { streams, eot, budget, watch });
    try {
      const result = await attack.perturb({
        victim: counted,
        x,
        labels,
        targets,
        goal,
        goalSource,
        params,
        random,
      });
      return { result, watch };
    } finally {
      await counted.settle().finally(() => watch.dispose());
    }
  });
  const { perturbed, ownEstimate: mutual, stages, settings } = result;
  if (perturbed.shape.join() !== shape.join()) {
    throw new GauntletError(
      'attack-shape',
      `it returned a tensor of shape [${perturbed.shape.join(', ')}] for inputs of [${shape.join(', ')}].`,
    );
  }
  const values = (await perturbed.data()) as Float32Array;
  perturbed.dispose();
  return {
    perturbed: values.slice(),
    ownEstimate: mutual?.mi,
    estimator: mutual?.estimator,
    stages,
    settings,
    watch,
  };
}
