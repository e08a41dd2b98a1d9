import { describe, expect, it } from 'vitest';
import type { LoadedVictim } from '../victims/loaded-victim.js';
import type { Judgement } from './judge.js';
import { withoutAttack } from './without-attack.js';

const victimOf = (kind: 'classifier' | 'autoencoder') => ({ traits: { kind } }) as LoadedVictim;
/** What the victim says of one clean image: class 1 with confidence 0.8. */
const seen = (rest: Partial<Judgement> = {}): Judgement => ({
  prediction: Int32Array.of(1),
  confidence: Float64Array.of(0.8),
  loss: Float64Array.of(0.2),
  finite: Uint8Array.of(1),
  ...rest,
});
const outcome = (
  label: number,
  clean: Judgement,
  target?: number,
  kind: 'classifier' | 'autoencoder' = 'classifier',
) =>
  withoutAttack(
    victimOf(kind),
    {
      indices: [5],
      clean: new Float32Array(4),
      labels: kind === 'classifier' ? Int32Array.of(label) : undefined,
      targets: target === undefined ? undefined : Int32Array.of(target),
    },
    0,
    clean,
    5,
  );

describe('what needs no attack', () => {
  it('is not a sample that is classified rightly', () => {
    expect(outcome(1, seen())).toBeUndefined();
    expect(outcome(1, seen(), 0)).toBeUndefined();
  });

  it('is one that is misclassified already, or of the target class', () => {
    expect(outcome(0, seen())).toEqual({
      index: 5,
      status: 'skipped',
      reason: 'misclassified before the attack',
      label: 0,
      target: undefined,
      cleanPrediction: 1,
      cleanConfidence: 0.8,
      cleanLoss: 0.2,
    });
    expect(outcome(1, seen(), 1)).toMatchObject({
      status: 'skipped',
      reason: 'already the target class',
      target: 1,
    });
  });

  it('is one that meets the attack’s own criterion already', () => {
    const met = { criterion: Float64Array.of(-0.5) };
    for (const kind of ['classifier', 'autoencoder'] as const)
      expect(outcome(1, seen(met), undefined, kind)).toMatchObject({
        status: 'skipped',
        reason: 'the criterion is met before the attack',
        cleanLoss: 0.2,
      });
    for (const kind of ['classifier', 'autoencoder'] as const)
      expect(outcome(1, seen({ criterion: Float64Array.of(0.5) }), undefined, kind)).toBeUndefined();
  });

  it('is no evidence if the victim gives no numbers', () => {
    for (const kind of ['classifier', 'autoencoder'] as const)
      expect(outcome(1, seen({ finite: Uint8Array.of(0) }), undefined, kind)).toEqual({
        index: 5,
        status: 'unassessed',
        reason: 'the victim gives NaN or infinite outputs for the clean input',
      });
  });
});
