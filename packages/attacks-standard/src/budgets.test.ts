import { describe, expect, it } from 'vitest';
import { BatchRandom, type BestSoFar } from '@gauntlet/api';
import { boundedThreat, stepsWithin } from './bound.js';
import { noise, pgd } from './index.js';
import { withRestarts } from './restarts.js';
import { runsWithin } from './runs-within.js';

describe('a budget', () => {
  it('is spent on all runs if it is enough for their steps, else on fewer runs, of one step at least', () => {
    const of = { runs: 5, steps: 100 };
    expect(runsWithin(of, { gradients: 500 })).toEqual({ runs: 5, steps: 100 });
    expect(runsWithin(of, { gradients: 499 })).toEqual({ runs: 4, steps: 124 });
    expect(runsWithin(of, { gradients: 40 })).toEqual({ runs: 1, steps: 40 });
    expect(runsWithin(of, { gradients: 0 })).toEqual({ runs: 1, steps: 1 });
    // A run takes a forward pass more than it takes steps.
    expect(runsWithin(of, { forwards: 505 })).toEqual({ runs: 5, steps: 100 });
    expect(runsWithin(of, { forwards: 504 })).toEqual({ runs: 4, steps: 125 });
    expect(runsWithin({ ...of, beside: 5 }, { forwards: 510 })).toEqual({ runs: 5, steps: 100 });
    expect(runsWithin({ ...of, beside: 5 }, { forwards: 509 }).runs).toBe(4);
    expect(runsWithin(of, { gradients: 1000, forwards: 505 })).toEqual({ runs: 5, steps: 100 });
    expect(pgd.within!({ restarts: 5, steps: 100, loss: 'ce' }, { gradients: 40 })).toEqual({
      restarts: 1,
      steps: 40,
      loss: 'ce',
    });
  });

  it('of a search for the shortest perturbation is all steps but the last look', () => {
    expect(stepsWithin({ steps: 100, also: 1 }, { gradients: 40 })).toEqual({ steps: 40, also: 1 });
    expect(stepsWithin({ steps: 100 }, { gradients: 40, forwards: 21 })).toEqual({ steps: 20 });
    expect(stepsWithin({ steps: 100 }, { forwards: 1 })).toEqual({ steps: 1 });
  });

  it('of noise is a draw for each pass', () => {
    expect(noise.within!({ draws: 3, norm: 'l2' }, { forwards: 9 })).toEqual({ draws: 9, norm: 'l2' });
    expect(noise.within!({ draws: 3 }, { gradients: 9 })).toEqual({ draws: 3 });
  });
});

it('without an epsilon only the box binds', () => {
  expect(boundedThreat({ norm: 'l2', epsilon: null, target: 3 })).toEqual({
    norm: 'none',
    epsilon: 0,
    target: 3,
  });
  expect(boundedThreat({ norm: 'l2', epsilon: 0.5, target: 3 })).toEqual({
    norm: 'l2',
    epsilon: 0.5,
    target: 3,
  });
});

describe('restarts', () => {
  /** Which samples each run begins with, and its first random number; `breaks` says what a run breaks. */
  async function runs(restarts: number, breaks: number[][], keepImproving?: boolean) {
    const success = new Uint8Array(3);
    const seen: number[][] = [];
    const drawn: number[] = [];
    const options = {
      restarts,
      random: new BatchRandom(1, 'restarts', [0, 1, 2]),
      best: { success } as BestSoFar,
    };
    await withRestarts(
      { ...options, ...(keepImproving !== undefined && { keepImproving }) },
      async (rows, random) => {
        for (const row of breaks[seen.length] ?? []) success[row] = 1;
        seen.push(rows);
        drawn.push(random.streams('start')[0].uniform());
      },
    );
    return { seen, drawn };
  }

  it('are of what held so far, and end when nothing does', async () => {
    expect((await runs(3, [[1], [0]])).seen).toEqual([[0, 1, 2], [0, 2], [2]]);
    expect((await runs(5, [[1], [0, 2]])).seen).toEqual([
      [0, 1, 2],
      [0, 2],
    ]);
    expect((await runs(2, [[0, 1, 2]], true)).seen).toEqual([
      [0, 1, 2],
      [0, 1, 2],
    ]);
  });

  it('begin elsewhere each time, and the first as if it were the only one', async () => {
    const { drawn } = await runs(3, []);
    expect(new Set(drawn).size).toBe(3);
    expect((await runs(1, [])).drawn).toEqual(drawn.slice(0, 1));
  });
});
