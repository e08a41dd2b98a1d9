import {
  type Attack,
  type AttackResult,
  BatchRandom,
  type FeatureRules,
  GauntletError,
  tidyAsync,
  type Yardstick,
  tf,
} from '@gauntlet/api';
import { assertFeatures } from '../1-spec/spec-threat.js';
import { Restriction, RestrictedVictim } from '../victims/restricted-victim.js';
import { CountedVictim, type Ledger } from '../victims/counted-victim.js';
import type { LoadedVictim } from '../victims/loaded-victim.js';
import type { AimedBatch } from './judge.js';
import type { ChunkTask } from './task.js';
import { perturb } from './perturb.js';
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

/** Rules for single features, for a batch whose clean inputs keep to them. */
function restrictionOf(rules: FeatureRules, { victim, batch }: Pick<Scene, 'victim' | 'batch'>): Restriction {
  const { inputShape, bounds } = victim.traits;
  const size = inputShape[0] * inputShape[1] * inputShape[2];
  assertFeatures(rules, size);
  for (const [i, [low, high]] of Object.entries(rules.bounds ?? {}))
    batch.indices.forEach((index, row) => {
      const value = batch.clean[row * size + Number(i)];
      if (value < low || value > high)
        throw new GauntletError(
          'attack-params',
          `Sample ${index} has ${value} at feature ${i} before any attack, outside of its bounds [${low}, ${high}] in the spec's threat. Widen them, or leave the sample out.`,
        );
    });
  return new Restriction(rules, batch.clean, inputShape, bounds);
}

/** What an attack gives back of the features that it may change, as whole inputs. */
function embedded(result: AttackResult, restriction: Restriction, shape: readonly number[]): AttackResult {
  if (result.perturbed.shape.join() !== shape.join()) return result;
  const perturbed = restriction.embed(result.perturbed, [...Array(shape[0]).keys()]);
  result.perturbed.dispose();
  return { ...result, perturbed };
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
  const { features } = threat;
  const restriction = features && restrictionOf(features, { victim, batch });
  const seen: [number, number, number, number] = restriction ? [n, ...restriction.shape] : shape;
  const random = new BatchRandom(task.seed, attack.name, indices);
  const streams = task.victim.gradients === 'estimated' ? random.streams('gradient-estimate') : undefined;
  const { result, watch } = await tidyAsync(async () => {
    // A copy: what the referee compares with stays out of the attack's reach.
    const x = restriction ? tf.tensor4d(restriction.clean, seen) : tf.tensor4d(clean.slice(), shape);
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
      const result = await perturb(attack, {
        victim: restriction ? new RestrictedVictim(counted, restriction, [...indices.keys()]) : counted,
        x,
        labels,
        targets,
        goal,
        goalSource,
        params,
        random,
      });
      return { result: restriction ? embedded(result, restriction, seen) : result, watch };
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
