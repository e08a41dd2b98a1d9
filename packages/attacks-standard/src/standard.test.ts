import { describe, expect, it } from 'vitest';
import { OpenSettings, work } from '@gauntlet/core';
import { digitsTask } from './digits-task.test-support.js';

/** The ensemble at an epsilon at which all of them break. */
const task = (indices: number[], epsilon = 0.2) =>
  digitsTask('standard', { norm: 'linf', epsilon, target: null }, 8, indices);

describe('standard', () => {
  it('says which stage broke a sample, and asks no more for it', async () => {
    const all = [0, 1, 2, 3, 4, 5, 6, 7];
    const { outcomes } = await work(task(all), new OpenSettings());
    const most = { fgsm: 1, 'pgd-10': 11, apgd: 111 };
    for (const { status, stage, gradients } of outcomes) {
      expect(status).toBe('broken');
      expect(Object.keys(most)).toContain(stage);
      expect(gradients).toBeLessThanOrEqual(most[stage as keyof typeof most]);
    }
    const alone = await work(task([5]), new OpenSettings());
    expect(alone.outcomes[0]!.stage).toBe(outcomes[5]!.stage);
  });

  it('searches on by scores alone only where a first search came near', async () => {
    // 1 + 11 + 101 + 101 passes, 9 × 102 towards other classes, what each stage came to, the clean input.
    const before = 1131;
    const { outcomes } = await work(task([0, 1], 0.06), new OpenSettings());
    expect(outcomes.map(({ status }) => status)).toEqual(['held', 'held']);
    expect(outcomes.map(({ forwards }) => forwards! - before)).toEqual([1000, 6001]);
  });
});
