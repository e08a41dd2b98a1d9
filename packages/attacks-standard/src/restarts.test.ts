import { describe, expect, it } from 'vitest';
import { openEngine } from '@gauntlet/core';
import { linearOracle, type LinearOracle } from '@gauntlet/testing';
import { misclassified } from '@gauntlet/api';
import { call, criterionAt } from '../../testing/src/call-attack.js';
import { apgd, pgd } from './index.js';

/** The criterion at what PGD returns. */
async function reached(oracle: LinearOracle, attack: typeof pgd, params: Record<string, unknown>) {
  const row = { attack, params: () => undefined };
  const { perturbed } = await call(row, oracle, { epsilon: 0.004, steps: 2, ...params });
  return criterionAt(oracle, perturbed, (rows) =>
    misclassified(Int32Array.from(rows, (i) => oracle.labels[i]!)),
  );
}

describe.each([pgd, apgd])('restarts of $name', (attack) => {
  it('begin where a single run begins, and the best of all runs is kept', async () => {
    await openEngine('tfjs:wasm');
    const oracle = linearOracle(6, { classes: 4 });
    const [one, five] = [
      await reached(oracle, attack, { restarts: 1 }),
      await reached(oracle, attack, { restarts: 5 }),
    ];
    five.forEach((f, i) => expect(f <= 0 || f <= one[i]! + 1e-6).toBe(true));
  });
});

describe('a run of PGD', () => {
  it('looks at where its last step led', async () => {
    await openEngine('tfjs:wasm');
    const oracle = linearOracle(1);
    const epsilon = 1.1 * oracle.optimum(0, 'linf');
    const [f] = await reached(oracle, pgd, {
      epsilon,
      steps: 1,
      stepSize: epsilon,
      randomStart: false,
      restarts: 1,
    });
    expect(f).toBeLessThanOrEqual(0);
  });

  it('begins at a random point of the ball if it is to', async () => {
    await openEngine('tfjs:wasm');
    const oracle = linearOracle(2);
    const params = { epsilon: 0.004, steps: 1, stepSize: 1e-5, restarts: 1, keepImproving: true };
    const row = { attack: pgd, params: () => undefined };
    const moved = async (randomStart: boolean) => {
      const { perturbed } = await call(row, oracle, { ...params, randomStart });
      return Math.max(...perturbed.map((value, i) => Math.abs(value - oracle.images[i]!)));
    };
    expect(await moved(false)).toBeLessThan(2e-5);
    expect(await moved(true)).toBeGreaterThan(0.002);
  });
});

it('PGD takes 100 steps and begins five times unless the spec says otherwise', () => {
  const { steps, restarts } = pgd.params.properties as Record<string, { default?: number }>;
  expect([steps!.default, restarts!.default]).toEqual([100, 5]);
});
