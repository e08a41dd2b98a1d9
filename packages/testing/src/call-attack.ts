import assert from 'node:assert/strict';
import {
  type Attack,
  BatchRandom,
  type Budget,
  type Goal,
  resolveTargets,
  tidyAsync,
  tf,
} from '@gauntlet/api';
import {
  type AimedBatch,
  assess,
  checkAgainst,
  CountedVictim,
  judge,
  judgeClean,
  type Ledger,
  newLedger,
  perturb,
  type Seen,
} from '@gauntlet/core';
import type { ConformanceRow } from './conformance-row.js';
import type { LinearOracle } from './linear-victim.js';
import { Smallest } from './unusual-goal.js';

export const seed = 11;

/** A promise of the attack's that holds for these parameters. */
export function worksForAnyGoal(attack: Attack, given: Record<string, unknown>): boolean {
  if (attack.goals !== 'any') return false;
  const params = structuredClone(given);
  checkAgainst(attack.params, params);
  return !attack.complaints || attack.complaints(params, { goalSource: 'spec' }).length === 0;
}

/** What the attack is to achieve, and what the victim says of the clean inputs. Tensors live as long as the scope. */
export async function aim(
  { victim, images, labels, classes }: LinearOracle,
  attack: Attack,
  params: Record<string, unknown>,
  indices: readonly number[] = [...labels.keys()],
  goalOfSpec?: Goal,
): Promise<{ batch: AimedBatch; before: Seen }> {
  const classifier = victim.traits.kind === 'classifier';
  const batch = {
    indices,
    labels: classifier ? labels : undefined,
    targets: classifier ? resolveTargets(labels, classes, attack.threat(params).target) : undefined,
    clean: images,
  };
  const { seen, goal, goalSource } = await judgeClean(victim, batch, goalOfSpec);
  return { batch: { ...batch, goal, goalSource }, before: seen };
}

export async function call(
  { attack }: ConformanceRow,
  oracle: LinearOracle,
  given: Record<string, unknown>,
  {
    indices,
    budget,
    goal: goalOfSpec,
    labelled = true,
  }: { indices?: readonly number[]; budget?: Budget; goal?: Goal; labelled?: boolean } = {},
): Promise<{ perturbed: Float32Array; settings?: ArrayLike<number>; ledger: Ledger; smallest: Smallest }> {
  const params = structuredClone(given);
  assert.deepEqual(checkAgainst(attack.params, params), [], 'the parameters are not valid');
  const n = oracle.labels.length;
  const ledger = newLedger(n);
  return tidyAsync(async () => {
    const { batch } = await aim(oracle, attack, params, indices, goalOfSpec);
    const { labels, targets, goal, goalSource } = batch;
    const smallest = new Smallest(goal, n);
    const victim = new CountedVictim(oracle.victim, ledger, { budget, watch: smallest });
    const { perturbed, settings } = await perturb(attack, {
      victim,
      x: tf.tensor4d(oracle.images, [n, ...oracle.shape]),
      labels: labelled ? labels : undefined,
      targets,
      goal,
      goalSource,
      params,
      random: new BatchRandom(seed, attack.name, batch.indices),
    });
    await victim.settle();
    assert.deepEqual(
      perturbed.shape,
      [n, ...oracle.shape],
      `perturbed has the shape [${perturbed.shape.join(', ')}] for inputs of [${[n, ...oracle.shape].join(', ')}]`,
    );
    return { perturbed: ((await perturbed.data()) as Float32Array).slice(), settings, ledger, smallest };
  });
}

/** The value of a criterion for each sample, at these images. */
export async function criterionAt(
  oracle: LinearOracle,
  images: Float32Array,
  goal: Goal,
): Promise<Float32Array> {
  const { victim, labels } = oracle;
  const batch: AimedBatch = {
    indices: [...labels.keys()],
    labels,
    clean: oracle.images,
    goal,
    goalSource: 'spec',
  };
  return (await judge(victim, images, batch)).criterion;
}

/** How many samples the referee calls broken. */
export async function successes(
  row: ConformanceRow,
  oracle: LinearOracle,
  params: Record<string, unknown>,
): Promise<number> {
  const { perturbed } = await call(row, oracle, params);
  const threat = row.attack.threat(params);
  const { outcomes } = await tidyAsync(async () => {
    const { batch, before } = await aim(oracle, row.attack, params);
    return assess(oracle.victim, batch, before, { perturbed }, threat, undefined);
  });
  return outcomes.filter(({ status }) => status === 'broken').length;
}

export function pick(oracle: LinearOracle, rows: readonly number[]): LinearOracle {
  const size = oracle.images.length / oracle.labels.length;
  const images = new Float32Array(rows.length * size);
  rows.forEach((row, i) => images.set(oracle.images.subarray(row * size, (row + 1) * size), i * size));
  return {
    ...oracle,
    images,
    labels: Int32Array.from(rows, (row) => oracle.labels[row]),
    optimum: (i, norm) => oracle.optimum(rows[i], norm),
  };
}

export function eachRow(
  oracle: LinearOracle,
  perturbed: Float32Array,
  check: (clean: Float32Array, image: Float32Array, i: number) => void,
): void {
  const size = oracle.images.length / oracle.labels.length;
  oracle.labels.forEach((_, i) =>
    check(oracle.images.subarray(i * size, (i + 1) * size), perturbed.subarray(i * size, (i + 1) * size), i),
  );
}
