import { expect, it } from 'vitest';
import { checkAgainst } from './check-params.js';
import { limit } from './limit-schema.js';
import { shareConfidence } from './share-confidence.js';
import type { SpecInput } from './spec.js';

const over = { level: 0.9, over: 'spec' } as const;

it('shares the error over all expectations that say so, victims and points of sweeps counted', () => {
  const victim = { model: 'm', kind: 'classifier', bounds: [0, 1] };
  const spec = shareConfidence({
    victims: [{ ...victim, expect: [{ asr: { max: 0.5, confidence: over } }] }, victim],
    attacks: [
      { use: 'a', expect: { asr: { max: 0.1, confidence: over }, l2: { min: 1, confidence: 0.5 } } },
      { use: 'b', sweep: { epsilon: [0.1, 0.2] }, expect: { asr: { max: 0.2, confidence: over } } },
    ],
  } as unknown as SpecInput);
  // 2 victims × 1, 2 victims × 2 points, 1 worst case.
  const each = 1 - 0.1 / 7;
  expect(spec.attacks.map(({ expect }) => expect!.asr!.confidence)).toEqual([each, each]);
  expect(spec.attacks[0].expect!.l2!.confidence).toBe(0.5);
  expect(spec.victims![0].expect).toEqual([
    { asr: { max: 0.5, confidence: each }, robustAccuracy: undefined },
  ]);
});

it('is a number between 0 and 1, or a level over the spec', () => {
  const complaints = (confidence: unknown) => checkAgainst(limit(''), { max: 1, confidence }).length;
  expect([0.95, over].map(complaints)).toEqual([0, 0]);
  for (const wrong of [1, 'a', { level: 0.9 }, { level: 1, over: 'spec' }, { level: 0.9, over: 'run' }])
    expect(complaints(wrong)).toBeGreaterThan(0);
});
