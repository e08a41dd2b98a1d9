import { isDeepStrictEqual } from 'node:util';
import type { Outcome } from '@gauntlet/api';

/** What of an outcome follows from the image, and from the clean image. The rest is what the attack did and cost. */
const fields = [
  ...[
    'status',
    'label',
    'target',
    'cleanPrediction',
    'cleanConfidence',
    'cleanLoss',
    'cleanReconstructionError',
  ],
  ...['labels', 'cleanPredictions', 'predictions', 'cleanHamming', 'hamming'],
  ...['prediction', 'confidence', 'loss', 'reconstructionError', 'criterion', 'brokenRounded'],
  ...['linf', 'l2', 'l1', 'l0', 'snr', 'mi', 'miSelf', 'ssim', 'corrupted', 'corruptedHamming'],
] as (keyof Outcome)[];

/** Between engines, numbers agree to this share of their size. */
const tolerance = 1e-2;

/**
 * Says which outcome of a worker is not what its image shows; nothing if all are. A sample that the worker called
 * unassessed claims nothing, so there is nothing to refute.
 * @param alike Computed by the same engine on the same kind of machine: numbers have to be the same.
 */
export function findMismatch(
  claimed: readonly Outcome[],
  found: readonly Outcome[],
  alike: boolean,
): string | undefined {
  const byIndex = new Map(plain(found).map((outcome) => [outcome.index, outcome]));
  for (const claim of plain(claimed)) {
    if (claim.status === 'unassessed') continue;
    const seen = byIndex.get(claim.index);
    for (const field of fields) {
      const [said, is] = [claim[field], seen?.[field]];
      // Between engines a near tie may be decided otherwise in one of so many.
      if ((field === 'corrupted' || field === 'corruptedHamming') && !alike) continue;
      if (alike || typeof said !== 'number' ? isDeepStrictEqual(said, is) : near(said, is)) continue;
      return `sample ${claim.index}: ${field} is ${JSON.stringify(said)} in the result, and ${JSON.stringify(is)} of the image`;
    }
  }
  return undefined;
}

/** As messages have it: NaN has become null. */
const plain = (outcomes: readonly Outcome[]) => JSON.parse(JSON.stringify(outcomes)) as Outcome[];

const near = (a: number, b: unknown) =>
  typeof b === 'number' && Math.abs(a - b) <= tolerance * Math.max(1e-3, Math.abs(a), Math.abs(b));
