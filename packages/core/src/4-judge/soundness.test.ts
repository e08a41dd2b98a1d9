import { describe, expect, it } from 'vitest';
import type { Outcome } from '@gauntlet/api';
import { checkSoundness } from './soundness.js';

const held = (index: number, rest: Partial<Outcome> = {}): Outcome => ({ index, status: 'held', ...rest });
const many = (n: number, of: (index: number) => Outcome) => Array.from({ length: n }, (_, i) => of(i));
const found = (outcomes: Outcome[], maxUnassessed = 0) =>
  checkSoundness(outcomes, maxUnassessed).map(({ code, samples }) => [code, ...samples]);

describe('what makes outcomes no evidence', () => {
  it('nothing, where all is well', () => {
    expect(found([held(0), { index: 1, status: 'broken' }, { index: 2, status: 'skipped' }])).toEqual([]);
  });

  it('no sample at all', () => {
    expect(found([])).toEqual([['no-samples']]);
  });

  it('a perturbation outside the threat model, with the worst sample and whose rule it broke', () => {
    const outside = (index: number, amount: number): Outcome => ({
      index,
      status: 'unassessed',
      defect: { kind: 'outside-epsilon', amount },
    });
    const outcomes = [held(0), outside(1, 0.1), outside(2, 0.25)];
    const [own, ...others] = checkSoundness(outcomes, 0, { norm: 'linf', epsilon: 0.3 });
    // A defect is named once: it is not counted as unassessed as well.
    expect(others).toEqual([]);
    expect(own).toMatchObject({ code: 'attack-defect', samples: [1, 2] });
    expect(own.message).toBe(
      'The attack broke its own threat model on 2 samples: sample 2 is outside-epsilon by 0.25.',
    );
    const [bySpec] = checkSoundness(outcomes, 0, {
      norm: 'linf',
      epsilon: 0.3,
      also: { norm: 'l2', epsilon: 1 },
    });
    expect(bySpec.message).toContain('left the threat model (linf ≤ 0.3, and l2 ≤ 1 by the spec)');
  });

  it('more unassessed samples than are allowed', () => {
    const one = many(10, (i) => (i === 3 ? { index: i, status: 'unassessed', reason: 'a crash' } : held(i)));
    expect(found(one, 0.1)).toEqual([]);
    expect(found(one, 0.09)).toEqual([['unassessed', 3]]);
  });

  it('gradients of nothing but zeros on more than 5 % of what was attacked', () => {
    const blind = { gradients: 4, zeroGradients: 4 };
    expect(found(many(20, (i) => held(i, i < 1 ? blind : {})))).toEqual([]);
    expect(found(many(20, (i) => held(i, i < 2 ? blind : {})))).toEqual([['zero-gradients', 0, 1]]);
    expect(found(many(20, (i) => held(i, i < 2 ? { flat: true } : {})))).toEqual([['zero-gradients', 0, 1]]);
    // Some that are not zero, or none asked for, are no finding; nor is a sample that was broken all the same.
    expect(found([held(0, { gradients: 4, zeroGradients: 3 }), held(1, { gradients: 0 })])).toEqual([]);
    expect(found([{ index: 0, status: 'broken', ...blind }])).toEqual([]);
  });
});
