import { describe, expect, it } from 'vitest';
import type { LoadedVictim } from '../victims/loaded-victim.js';
import type { CleanSide } from './judge.js';
import type { Seen } from './seen.js';
import { withoutAttack } from './without-attack.js';

const victimOf = (kind: 'classifier' | 'autoencoder') => ({ traits: { kind } }) as LoadedVictim;
/** What the victim says of one clean image: class 1 with confidence 0.8. */
const seen = (finite = 1): Seen => ({
  prediction: Int32Array.of(1),
  confidence: Float64Array.of(0.8),
  loss: Float64Array.of(0.2),
  finite: Uint8Array.of(finite),
});

/** Values of criteria at the clean image, those that there are. */
interface Values {
  misclassified?: number;
  criterion?: number;
  goalSource?: CleanSide['goalSource'];
  finite?: number;
}

function outcome(
  kind: 'classifier' | 'autoencoder',
  { misclassified, criterion, goalSource = 'standard', finite }: Values,
  { label = 1, target }: { label?: number; target?: number } = {},
) {
  const one = (value: number | undefined) => (value === undefined ? undefined : Float32Array.of(value));
  const batch = {
    indices: [5],
    clean: new Float32Array(4),
    labels: kind === 'classifier' ? Int32Array.of(label) : undefined,
    targets: target === undefined ? undefined : Int32Array.of(target),
  };
  const goal = () => {
    throw new Error('the values are there already');
  };
  return withoutAttack(victimOf(kind), batch, 0, {
    seen: seen(finite),
    goal,
    goalSource,
    misclassified: one(misclassified),
    criterion: one(criterion),
  });
}

describe('what needs no attack', () => {
  it('is not a sample that is classified rightly', () => {
    expect(outcome('classifier', { misclassified: 2 })).toBeUndefined();
    expect(outcome('classifier', { misclassified: 2, criterion: 3 }, { target: 0 })).toBeUndefined();
  });

  it('is one that is misclassified already, or of the target class', () => {
    expect(outcome('classifier', { misclassified: -2 }, { label: 0 })).toEqual({
      index: 5,
      status: 'skipped',
      reason: 'misclassified before the attack',
      label: 0,
      target: undefined,
      cleanPrediction: 1,
      cleanConfidence: 0.8,
      cleanLoss: 0.2,
    });
    expect(outcome('classifier', { misclassified: 2, criterion: -2 }, { target: 1 })).toMatchObject({
      status: 'skipped',
      reason: 'already the target class',
      target: 1,
    });
  });

  it('counts a tie as misclassified', () => {
    expect(outcome('classifier', { misclassified: 0 })).toMatchObject({
      status: 'skipped',
      reason: 'misclassified before the attack',
    });
    expect(outcome('classifier', { misclassified: Math.fround(1e-40) })).toBeUndefined();
  });

  it.each(['classifier', 'autoencoder'] as const)(
    'is one of a %s that meets the criterion of the spec already',
    (kind) => {
      const of = (criterion: number) =>
        outcome(kind, { criterion, goalSource: 'spec', ...(kind === 'classifier' && { misclassified: 2 }) });
      expect(of(-0.5)).toMatchObject({
        status: 'skipped',
        reason: 'the criterion is met before the attack',
        cleanLoss: 0.2,
      });
      // A criterion that compares with the clean input is 0 there, and is yet to be met by something else.
      for (const value of [0, 0.5]) expect(of(value)).toBeUndefined();
    },
  );

  it.each(['classifier', 'autoencoder'] as const)('is no evidence if the %s gives no numbers', (kind) => {
    expect(outcome(kind, { finite: 0, misclassified: NaN, criterion: NaN })).toEqual({
      index: 5,
      status: 'unassessed',
      reason: 'the victim gives NaN or infinite outputs for the clean input',
    });
  });
});
