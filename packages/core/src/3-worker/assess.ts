import { type Defect, isMet, type Outcome, type ThreatModel, type Yardstick } from '@gauntlet/api';
import type { LoadedVictim } from '../victims/loaded-victim.js';
import { differsAlone } from './differs-alone.js';
import { refereeing } from './by-kind.js';
import { type AimedBatch, judge } from './judge.js';
import { distances, findDefect, roundToBytes, signalToNoise } from './measure.js';
import { mutualInformation } from './mutual-information.js';
import { pickBlocks, type Seen } from './seen.js';
import { structuralSimilarity } from './structural-similarity.js';

export interface Returned {
  /** [n·d], in the order of the batch. */
  perturbed: Float32Array;
  /** [n] the attack's own estimate of mutual information. */
  ownEstimate?: ArrayLike<number>;
  /** [n] what no image of the corruption's family is, where the threat model is one. */
  foreign?: readonly (Defect | undefined)[];
}

export interface Assessment {
  outcomes: Outcome[];
  /** What the victim says of the perturbed inputs. */
  after?: Seen;
}

/**
 * Recomputes everything about the samples an attack returned, from the bytes alone: finite, in the box,
 * inside epsilon; prediction in the batch, alone where it may differ, and after rounding to 8 bits; distances; mutual information and SSIM of what is broken.
 */
export async function assess(
  victim: LoadedVictim,
  batch: AimedBatch,
  before: Seen,
  { perturbed, ownEstimate, foreign }: Returned,
  threat: ThreatModel,
  yardstick: Yardstick | undefined,
): Promise<Assessment> {
  if (threat.kind === 'corruption' && !foreign)
    throw new Error('Images of a corruption cannot be judged without the family that makes them.');
  const { bounds, kind } = victim.traits;
  const referee = refereeing[kind];
  const n = batch.indices.length;
  const size = batch.clean.length / n;
  const rowOf = (values: Float32Array, row: number) => values.subarray(row * size, (row + 1) * size);
  const defects = batch.indices.map(
    (_, row) => findDefect(rowOf(batch.clean, row), rowOf(perturbed, row), bounds, threat) ?? foreign?.[row],
  );
  // A defective sample must not reach the others through the batch; its row is judged as the clean image.
  const safe = perturbed.slice();
  defects.forEach((defect, row) => defect && safe.set(rowOf(batch.clean, row), row * size));

  const together = await judge(victim, safe, batch);
  // A victim with randomness says something else alone, too.
  const differs = batch.repeats ? new Set() : await differsAlone(victim, safe, batch, together);
  const asBytes = roundToBytes(safe, bounds);
  const rounded = await judge(victim, asBytes, batch);
  const lengths = batch.indices.map((_, row) => distances(rowOf(batch.clean, row), rowOf(perturbed, row)));
  const [height, , channels] = victim.traits.inputShape;
  const isRow = height === 1 && channels === 1;
  const noise = (row: number) => {
    const snr = signalToNoise(rowOf(batch.clean, row), lengths[row]);
    return snr !== undefined && { snr };
  };
  // An input is reconstructed no worse than itself: what was not perturbed is no example of anything.
  const broken = [...batch.indices.keys()].filter(
    (row) => !defects[row] && isMet(together.criterion[row]) && lengths[row].l0 > 0,
  );
  const pick = (images: Float32Array) => pickBlocks(images, broken, n);
  const mutual =
    broken.length > 0 && yardstick
      ? await mutualInformation(victim, yardstick, pick(batch.clean), pick(safe))
      : undefined;
  const alike = structuralSimilarity(pick(batch.clean), pick(safe), victim.traits.inputShape, bounds);
  const similarity = new Map(
    broken.map((row, i) => [
      row,
      { ...(mutual && { mi: mutual.mi[i], miSelf: mutual.self[i] }), ...(alike && { ssim: alike[i] }) },
    ]),
  );

  const outcomes = batch.indices.map((index, row): Outcome => {
    const common: Outcome = {
      index,
      status: 'held',
      ...referee.before(before, row, { ...batch, size }),
    };
    const defect = defects[row];
    if (defect)
      return { ...common, status: 'unassessed', reason: `the attack's sample is ${defect.kind}`, defect };
    if (!together.finite[row]) {
      return {
        ...common,
        status: 'unassessed',
        reason: 'the victim gives NaN or infinite outputs for the perturbed input',
      };
    }
    if (differs.has(row)) {
      return {
        ...common,
        status: 'unassessed',
        reason: 'the victim judges the sample differently alone and in a batch',
      };
    }
    const met = isMet(together.criterion[row]);
    return {
      ...common,
      status: met && lengths[row].l0 > 0 ? 'broken' : 'held',
      ...referee.after(together, row, { ...batch, before, size }),
      ...(together.shares && { brokenShare: lengths[row].l0 > 0 ? together.shares[row] : 0 }),
      ...(batch.goalSource === 'spec' && { criterion: together.criterion[row] }),
      brokenRounded:
        isMet(rounded.criterion[row]) && distances(rowOf(batch.clean, row), rowOf(asBytes, row)).l0 > 0,
      ...lengths[row],
      ...(isRow && noise(row)),
      ...similarity.get(row),
      ...(ownEstimate && Number.isFinite(ownEstimate[row]) && { miOwn: ownEstimate[row] }),
    };
  });
  return { outcomes, after: together };
}
