import * as tf from '@tensorflow/tfjs-core';
import type { Attack } from '../attacks/define-attack.js';
import { GauntletError } from '../errors/gauntlet-error.js';
import { BatchRandom } from '../random/streams.js';
import type { AimedBatch } from '../referee/judge.js';
import type { Yardstick } from '../referee/yardstick.js';
import { tidyAsync } from '../tensors/scope.js';
import { CountedVictim, type Ledger } from '../victims/counted-victim.js';
import type { LoadedVictim } from '../victims/loaded-victim.js';
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
  let watch: Watch | undefined;
  let mutual: { mi: ArrayLike<number>; estimator: string } | undefined;
  const perturbed = await tidyAsync(async () => {
    // A copy: what the referee compares with stays out of the attack's reach.
    const x = tf.tensor4d(clean.slice(), shape);
    const traced = task.traces ?? [];
    watch = new Watch({ victim, clean, indices, goal, needsFeatures: goalSource === 'spec', threat, ledger, traced, yardstick }); // prettier-ignore
    const counted = new CountedVictim(victim, ledger, { streams, budget, watch: watch.seen });
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
    mutual = result.ownEstimate;
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
  return { perturbed: values.slice(), ownEstimate: mutual?.mi, estimator: mutual?.estimator, watch: watch! };
}
