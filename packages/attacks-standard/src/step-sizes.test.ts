import { beforeAll, describe, expect, it } from 'vitest';
import { openEngine } from '@gauntlet/core';
import { checkpoints, StepSizes } from './step-sizes.js';

beforeAll(() => openEngine('tfjs:cpu'));

it('checkpoints are those of the paper: 22 %, 41 %, 57 %, 70 %, 80 %, 87 %, 93 %, 99 % of the steps, rounded up', () => {
  expect([...checkpoints(100)]).toEqual([22, 41, 57, 70, 80, 87, 93, 99]);
  expect([...checkpoints(10)]).toEqual([3, 5, 6, 7, 8, 9, 10]);
});

describe('the step size of a sample', () => {
  const sizes = () => new StepSizes(2, 1, 0.75);
  const now = (of: StepSizes, rows = [0, 1]) => [...of.of(rows).dataSync()];
  /** Shows one sample a series of losses. */
  const shown = (of: StepSizes, losses: number[], row = 0) => losses.map((loss) => of.see([row], [loss])[0]);

  it('is halved where too few of the steps since the last checkpoint raised the loss, and only there', () => {
    const of = sizes();
    shown(of, [0, 1, 2, 3, 2.5], 0);
    shown(of, [0, 1, 2, 1, 0], 1);
    // Three of four steps are ρ of them, two are not.
    expect(of.check([0, 1])).toEqual([false, true]);
    expect(now(of)).toEqual([1, 0.5]);
    expect(now(of, [1])).toEqual([0.5]);
    // The count begins anew; a sample that was sent back goes on from its largest loss.
    shown(of, [3, 4, 5, 6, 5.5], 0);
    shown(of, [2.5, 3, 4, 5], 1);
    expect(of.check([0, 1])).toEqual([false, false]);
    // A loss that stays where it was has not risen.
    shown(of, [7, 8, 9, 9, 9.5, 9.5], 0);
    expect(of.check([0])).toEqual([true]);
  });

  it('is halved where the largest loss is that of the last checkpoint, unless it was halved there', () => {
    const of = sizes();
    shown(of, [5, 6, 7, 8]);
    expect(of.check([0])).toEqual([false]);
    // All steps rise, but none above what there was.
    shown(of, [1, 2, 3, 4]);
    of.see([0], [5]);
    expect(of.check([0])).toEqual([true]);
    shown(of, [8, 8.5, 9]);
    shown(of, [9.5]);
    expect(of.check([0])).toEqual([false]);
    const again = sizes();
    shown(again, [5, 4, 3]);
    expect(again.check([0])).toEqual([true]);
    // The size was halved already: steps that rise again below the largest loss are no reason.
    again.see([0], [1]);
    shown(again, [2, 3, 4, 4.5]);
    expect(again.check([0])).toEqual([false]);
    expect(now(again, [0])).toEqual([0.5]);
  });

  it('is not halved at the first checkpoint for a loss that begins at its largest, where every step has risen', () => {
    const of = sizes();
    shown(of, [1]);
    expect(of.check([0])).toEqual([false]);
  });

  it('goes with the largest loss that was seen; an equal one and NaN are none', () => {
    expect(shown(sizes(), [1, 2, 2, 1.5, NaN, 3])).toEqual([true, true, false, false, false, true]);
  });
});
