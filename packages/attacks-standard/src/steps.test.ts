import { beforeAll, describe, expect, it } from 'vitest';
import { type Attack, misclassified, type NormName } from '@gauntlet/api';
import { openEngine } from '@gauntlet/core';
import { linearOracle, type LinearOracle } from '@gauntlet/testing';
import { call, criterionAt } from '../../testing/src/call-attack.js';
import { fgsm, noise } from './index.js';

beforeAll(async () => {
  await openEngine('tfjs:wasm');
});

const perturbed = async (attack: Attack, oracle: LinearOracle, params: Record<string, unknown>) =>
  (await call({ attack, params: () => undefined }, oracle, params)).perturbed;

/** Of each sample the length of what was added. */
function lengths(oracle: LinearOracle, images: Float32Array, norm: NormName): number[] {
  const size = images.length / oracle.labels.length;
  return [...oracle.labels.keys()].map((row) => {
    const delta = [...images.subarray(row * size, (row + 1) * size)].map(
      (v, i) => v - oracle.images[row * size + i]!,
    );
    if (norm === 'linf') return Math.max(...delta.map(Math.abs));
    return norm === 'l2' ? Math.hypot(...delta) : delta.reduce((sum, value) => sum + Math.abs(value), 0);
  });
}

const norms = ['linf', 'l2', 'l1'] as const;

describe('FGSM', () => {
  it.each(norms)(
    'goes as far as it may, in the direction that breaks a linear model soonest (%s)',
    async (norm) => {
      const oracle = linearOracle(3);
      for (const share of [0.99, 1.01]) {
        const epsilon = share * Math.max(...[...oracle.labels].map((_, i) => oracle.optimum(i, norm)));
        const images = await perturbed(fgsm, oracle, { norm, epsilon });
        for (const length of lengths(oracle, images, norm))
          expect(length).toBeLessThanOrEqual(epsilon * 1.0001);
        const f = await criterionAt(oracle, images, (rows) =>
          misclassified(Int32Array.from(rows, (i) => oracle.labels[i]!)),
        );
        expect([...f].filter((value) => value > 0)).toHaveLength(share > 1 ? 0 : 1);
      }
    },
  );

  it('is one gradient, within its own ball and for its own target, and refuses a ratio of two classes', async () => {
    expect(fgsm.usesGradients).toBe(true);
    expect(fgsm.threat({ norm: 'l2', epsilon: 0.3, target: 2 })).toEqual({
      norm: 'l2',
      epsilon: 0.3,
      target: 2,
    });
    await expect(perturbed(fgsm, linearOracle(1), { epsilon: 0.1, loss: 'dlr' })).rejects.toThrow(
      'needs 3 classes',
    );
    const aimed = { epsilon: 0.1, loss: 'dlr', target: 0 };
    const three = linearOracle(1, { classes: 3 });
    await expect(perturbed(fgsm, three, aimed)).rejects.toThrow('needs 4 classes');
  });
});

describe('noise', () => {
  it.each(norms)('is as long as epsilon, and no longer (%s)', async (norm) => {
    const oracle = linearOracle(4);
    const epsilon = { linf: 0.01, l2: 0.05, l1: 0.3 }[norm];
    const found = lengths(oracle, await perturbed(noise, oracle, { norm, epsilon }), norm);
    for (const length of found) {
      expect(length).toBeLessThanOrEqual(epsilon * 1.0001);
      expect(length).toBeGreaterThan(epsilon * 0.8);
    }
  });

  it('of L1 is Laplacian: most of its length in few values, half of them downwards', async () => {
    const oracle = linearOracle(8);
    const images = await perturbed(noise, oracle, { norm: 'l1', epsilon: 1 });
    const delta = [...images].map((value, i) => value - oracle.images[i]!);
    const squares = delta.reduce((sum, value) => sum + value ** 2, 0) / delta.length;
    const mean = delta.reduce((sum, value) => sum + Math.abs(value), 0) / delta.length;
    // E|X|² / E[X²] is ½ for Laplace, 0.64 for a normal, ¾ for a uniform distribution.
    expect(mean ** 2 / squares).toBeGreaterThan(0.4);
    expect(mean ** 2 / squares).toBeLessThan(0.58);
    const down = delta.filter((value) => value < 0).length / delta.length;
    expect(Math.abs(down - 0.5)).toBeLessThan(0.1);
  });

  it('draws until it breaks a sample, as often as it is to, and keeps what broke', async () => {
    const oracle = linearOracle(6);
    const epsilon = 6 * Math.max(...[...oracle.labels].map((_, i) => oracle.optimum(i, 'linf')));
    const row = { attack: noise, params: () => undefined };
    const one = await call(row, oracle, { epsilon, draws: 1 });
    const many = await call(row, oracle, { epsilon, draws: 30 });
    const broken = async ({ perturbed: images }: typeof one) =>
      [
        ...(await criterionAt(oracle, images, (rows) =>
          misclassified(Int32Array.from(rows, (i) => oracle.labels[i]!)),
        )),
      ].map((f) => f <= 0);
    const [first, all] = [await broken(one), await broken(many)];
    expect([...one.ledger.forwards]).toEqual(Array(6).fill(1));
    const size = one.perturbed.length / 6;
    first.forEach((was, i) => {
      if (!was) return;
      expect(many.ledger.forwards[i]).toBe(1);
      expect(many.perturbed.slice(i * size, (i + 1) * size)).toEqual(
        one.perturbed.slice(i * size, (i + 1) * size),
      );
    });
    all.forEach((is, i) => expect(is || many.ledger.forwards[i] === 30).toBe(true));
    expect(all.filter(Boolean).length).toBeGreaterThan(first.filter(Boolean).length);
    expect([noise.usesGradients, noise.threat({ norm: 'l1', epsilon: 2 })]).toEqual([
      false,
      { norm: 'l1', epsilon: 2, target: undefined },
    ]);
  });
});
