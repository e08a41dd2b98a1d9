import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import type { Goal } from '@gauntlet/api';
import { OpenSettings, work } from '@gauntlet/core';
import { apart, lengthOf, sub } from './by-hand.test-support.js';
import { digitsTask } from './digits-task.test-support.js';
import { attacked, onCpu, Prototypes } from './prototypes.test-support.js';
import { standard } from './standard.js';

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
    expect(alone.outcomes[0].stage).toBe(outcomes[5].stage);
  });
});

describe('its stages', () => {
  onCpu();
  const on = new Prototypes(6);
  const asked = { norm: 'l2', epsilon: 0.3 };
  /** Passes of each stage while a sample holds, with the look at what it gave. */
  const stages: [string, number][] = [
    ['fgsm', 2],
    ['pgd-10', 12],
    ['apgd', 102],
    ['fmn', 102],
    ['apgd-t', 1 + 9 * 101 + 1],
    ['square', 5001],
  ];
  /** For each stage, how many passes there were when it has done a few. */
  const begun = stages.map(([, passes], i) =>
    stages.slice(0, i).reduce((sum, [, one]) => sum + one, Math.min(30, Math.ceil(passes / 2) - 1)),
  );

  /** Met from a number of passes on, another one for each sample; until then with the standard goal's gradient, for FMN. */
  const after =
    (passes: readonly number[]) =>
    (goal: Goal): Goal =>
    (rows) => ({
      name: 'after',
      value: (outputs) =>
        tf.add(
          tf.mul(goal(rows).value(outputs), 1e-3),
          rows.map((row) => (on.passes.length > passes[row] ? -1 : 1)),
        ) as tf.Tensor1D,
    });

  it('come one after the other, each on what still holds and within epsilon, until nothing does', async () => {
    const {
      stages: found,
      left,
      forwards,
      perturbed,
      passes,
    } = await attacked(on, standard, asked, { goal: after(begun) });
    expect(found).toEqual(stages.map(([name]) => name));
    expect(left).toBe(0);
    forwards.forEach((count, row) => {
      expect(count).toBeGreaterThan(begun[row]);
      expect(count).toBeLessThan(begun[row] + 3 + (stages[row][0] === 'fmn' ? 101 : 0));
    });
    // After FGSM's two passes PGD begins at a random point.
    const [, , { x: start, rows }] = passes;
    expect(Math.min(...start.map((x, i) => lengthOf.l2(sub(x, on.images[rows[i]]))))).toBeGreaterThan(0.01);
    // FMN's way went far beyond.
    perturbed.forEach((x, row) => expect(lengthOf.l2(sub(x, on.images[row]))).toBeLessThan(0.3 + 1e-5));
  });

  it('are without APGD-T for a target, which it has none of, and for a goal of the spec', async () => {
    const goal = after(begun.map(() => begun[4]));
    const targets = on.labels.map((label) => (label + 1) % 4);
    for (const options of [{ targets }, { goalSource: 'spec' as const }])
      expect((await attacked(on, standard, asked, { rows: [0], goal, ...options })).stages).toEqual([
        'square',
      ]);
    expect((await attacked(on, standard, asked, { rows: [0], goal })).stages).toEqual(['apgd-t']);
  });

  it('break a sample each by itself, whatever is beside it', async () => {
    const params = { norm: 'linf', epsilon: 0.3 };
    const goal = (standard: Goal): Goal => {
      // Those that hold are broken on the way of PGD.
      const end = after(begun.map(() => begun[1]))(standard);
      return (rows) => ({
        name: 'either',
        value: (outputs) =>
          tf.minimum(standard(rows).value(outputs), end(rows).value(outputs)) as tf.Tensor1D,
      });
    };
    const rows = [0, 1, 2, 3, 4, 5];
    const all = await attacked(on, standard, params, { rows, goal });
    expect(new Set(all.stages).size).toBeGreaterThan(1);
    for (const row of rows) {
      const alone = await attacked(on, standard, params, { rows: [row], goal });
      expect(apart([all.perturbed[row]], alone.perturbed)).toBeLessThan(1e-6);
      expect(alone.stages).toEqual([all.stages![row]]);
    }
  });

  it('say what they are', () => {
    expect([standard.usesGradients, standard.goals, standard.takesExamples!({})]).toEqual([
      true,
      'any',
      true,
    ]);
    expect(standard.threat({ norm: 'l2', epsilon: 1, target: 3 })).toEqual({
      norm: 'l2',
      epsilon: 1,
      target: 3,
    });
  });
});
