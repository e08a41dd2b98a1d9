import { describe, expect, it } from 'vitest';
import { OpenSettings, work } from '@gauntlet/core';
import { digitsTask } from './digits-task.test-support.js';

/** The ensemble at an epsilon at which all of them break. */
const task = (indices: number[]) =>
  digitsTask('standard', { norm: 'linf', epsilon: 0.2, target: null }, 8, indices);

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
});
