import { type Attack, misclassified, type Outcome, reasonOf, unassessed, victimKinds } from '@gauntlet/api';
import { placeOf } from '../plugins/place-of.js';
import type { ChunkImages } from '../store/images.js';
import { newLedger } from '../victims/counted-victim.js';
import type { LoadedVictim } from '../victims/loaded-victim.js';
import type { Aimed } from './aim.js';
import { assess } from './assess.js';
import { callAttack } from './call-attack.js';
import { findForeign, settingNames } from './corruption.js';
import { findFlat } from './flatness.js';
import type { AimedBatch } from './judge.js';
import { isMemoryError } from './memory-errors.js';
import { refereeing } from './by-kind.js';
import { pickBlocks, reconstructionsOf } from './seen.js';
import type { Opened } from './open-setting.js';
import type { ChunkResult, ChunkTask } from './task.js';
import { attackUnbounded } from './unbounded.js';

/** Of each of the samples what the referee found, and their images; none if the attack failed. */
export interface AttackedRows extends Pick<ChunkResult, 'estimator' | 'traces' | 'checkSeconds'> {
  outcomes: Outcome[];
  images?: ChunkImages;
}

/** Attack → referee. */
export async function attackRows(
  attack: Attack,
  task: ChunkTask,
  { victim, yardstick }: Pick<Opened, 'victim' | 'yardstick'>,
  { rows, batch, before }: Aimed,
): Promise<AttackedRows> {
  const { indices, goalSource } = batch;
  const started = performance.now();
  const ledger = newLedger(rows.length);
  const returned = await callAttack(attack, task, { victim, batch, ledger, yardstick }).catch(
    (error: unknown) => {
      if (isMemoryError(error)) throw error;
      return `the attack ${attack.name} failed: ${reasonOf(error)}${placeOf(error, task.attack.plugin.url)}`;
    },
  );
  const seconds = (performance.now() - started) / 1000 / rows.length;
  if (typeof returned === 'string') {
    const outcomes = indices.map((index, i): Outcome => {
      const size = batch.clean.length / indices.length;
      return {
        ...unassessed(index, returned),
        ...refereeing[victim.traits.kind].before(before, i, { ...batch, size }),
      };
    });
    return { outcomes };
  }
  const threat = task.attack.threat;
  const foreign = await findForeign(attack, task, { victim, batch }, returned);
  const assessed = await assess(victim, batch, before, { ...returned, foreign }, threat, yardstick);
  const judged = assessed.outcomes.map((outcome, i) => withoutNonsense(outcome, ledger.notFinite[i]));
  const exact = task.victim.gradients !== 'estimated';
  if (task.attack.usesGradients && exact) await markFlat(victim, batch, judged, returned.perturbed);
  const norm = attack.shortest?.(task.attack.params);
  const stages = returned.stages ?? settingNames(attack, task, returned.settings);
  const unbounded = await attackUnbounded(attack, task, { victim, batch }, judged);
  const outcomes = judged.map((outcome, i): Outcome => {
    const standard = victim.traits.kind === 'classifier' && goalSource === 'standard';
    return {
      ...outcome,
      ...(outcome.status === 'broken' && returned.watch.costOfSuccess(i)),
      ...(outcome.status === 'held' && standard && returned.watch.wayOfHeld(i)),
      ...(unbounded.found.has(i) && { unbounded: unbounded.found.get(i) }),
      ...(outcome.status === 'broken' && stages?.[i] && { stage: stages[i] }),
      ...(outcome.status === 'broken' && norm && { minimalNorm: outcome[norm] }),
      forwards: ledger.forwards[i],
      gradients: ledger.gradients[i],
      zeroGradients: ledger.zeroGradients[i],
      seconds,
    };
  });
  const { estimator, watch } = returned;
  return {
    outcomes,
    estimator,
    traces: watch.traces,
    checkSeconds: unbounded.seconds,
    images: {
      indices: [...indices],
      clean: batch.clean,
      perturbed: returned.perturbed,
      cleanReconstruction: reconstructionsOf(victim, before),
      reconstruction: reconstructionsOf(victim, assessed.after),
    },
  };
}

/** What a sample withstood says nothing of one that the attack lost on the way. */
const withoutNonsense = (outcome: Outcome, notFinite: number): Outcome =>
  outcome.status === 'held' && notFinite > 0
    ? {
        ...outcome,
        status: 'unassessed',
        reason: 'the attack asked the victim about values that are not finite',
        defect: { kind: 'not-finite', amount: notFinite },
      }
    : outcome;

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
  if (held.length === 0 || (standard && !victimKinds[victim.traits.kind].hasClasses)) return;
  const criterion = standard ? misclassified(Int32Array.from(held, (row) => labels![row])) : goal(held);
  const at = (images: Float32Array) => findFlat(victim, pickBlocks(images, held, outcomes.length), criterion);
  const flat = await at(clean);
  const flatAtEnd = standard || !flat.includes(1) ? flat : await at(perturbed);
  held.forEach((row, i) => (outcomes[row].flat = flat[i] === 1 && flatAtEnd[i] === 1));
}
