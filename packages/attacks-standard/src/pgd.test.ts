import { describe, expect, it } from 'vitest';
import { norms } from '@gauntlet/api';
import { add, apart, directionOf, inside, lengthOf, sub } from './by-hand.test-support.js';
import { pgd } from './pgd.js';
import { attacked, never, Prototypes, randomOf, shape, onCpu } from './prototypes.test-support.js';

onCpu();
const on = new Prototypes(4);

const one = { restarts: 1, epsilon: 0.3, steps: 5 };

describe.each(['linf', 'l2'] as const)('a run of PGD (%s)', (norm) => {
  /** Where the ascent on the cross-entropy leads from a point. */
  function way(first: readonly number[], row: number, alpha: number): number[][] {
    const points = [[...first]];
    for (let t = 0; t < one.steps; t++) {
      const { slope } = on.crossEntropy(points[t], on.labels[row]);
      points.push(inside(norm, on.images[row], add(points[t], directionOf[norm](slope), alpha), one.epsilon));
    }
    return points;
  }

  it.each([null, 0.2])(
    'goes by α along the gradient, and back into ball and box (α: %s)',
    async (stepSize) => {
      for (const row of on.images.keys()) {
        const { passes } = await attacked(on, pgd, { ...one, norm, stepSize }, { rows: [row], goal: never });
        expect(passes.map(({ gradient }) => gradient)).toEqual([true, true, true, true, true, false]);
        const points = passes.map(({ x }) => x[0]);
        expect(apart(points, way(points[0], row, stepSize ?? (2.5 * 0.3) / 5))).toBeLessThan(1e-5);
      }
    },
  );

  it('begins at a random point of the ball, or at the image', async () => {
    const start = async (randomStart: boolean) =>
      (await attacked(on, pgd, { ...one, norm, randomStart }, { rows: [2], goal: never })).passes[0].x;
    expect(await start(false)).toEqual([on.images[2]]);
    const random = randomOf(pgd, [2]).part('restart-0');
    const delta = [...norms[norm].randomStart(random, shape, 0.3).dataSync()];
    expect(
      apart(await start(true), [inside(norm, on.images[2], add(on.images[2], delta), 0.3)]),
    ).toBeLessThan(1e-6);
  });
});

it('PGD does to a sample what it does to it alone, whichever leave the batch', async () => {
  const params = { ...one, epsilon: 0.6, steps: 8, restarts: 2 };
  const all = await attacked(on, pgd, params);
  const sizes = all.passes.map(({ x }) => x.length);
  expect(new Set(sizes).size).toBeGreaterThan(1);
  for (const row of on.images.keys()) {
    const alone = await attacked(on, pgd, params, { rows: [row] });
    expect(apart(all.perturbed.slice(row, row + 1), alone.perturbed)).toBeLessThan(1e-6);
    expect(all.forwards[row]).toBe(alone.forwards[0]);
  }
});

it('PGD stops at the first success, unless it is to go on: then it keeps the largest loss of all', async () => {
  const params = { ...one, epsilon: 1, restarts: 2 };
  const options = { rows: [1] };
  const first = await attacked(on, pgd, params, options);
  expect(on.criterion(first.perturbed[0], on.labels[1])).toBeLessThanOrEqual(0);
  expect(first.passes.length).toBeLessThan(6);
  const best = await attacked(on, pgd, { ...params, keepImproving: true }, options);
  expect(best.passes).toHaveLength(12);
  const losses = best.passes.map(({ x }) => on.crossEntropy(x[0], on.labels[1]).value);
  expect(on.crossEntropy(best.perturbed[0], on.labels[1]).value).toBeCloseTo(Math.max(...losses), 5);
});

it('PGD leaves no tensor behind, whether samples hold or leave', async () => {
  for (const epsilon of [0.01, 0.6, 2])
    for (const randomStart of [true, false])
      expect((await attacked(on, pgd, { ...one, epsilon, randomStart })).left).toBe(0);
});

it('PGD ascends what the spec names, towards a target if there is one', async () => {
  const targets = on.labels.map((label) => (label + 1) % 4);
  const params = { ...one, loss: 'margin', randomStart: false, steps: 1 };
  const { passes } = await attacked(on, pgd, params, { rows: [0], targets, goal: never });
  const [from, to] = passes.map(({ x }) => x[0]);
  const { k } = on.rival(from, targets[0]);
  const expected = directionOf.linf(on.between(from, targets[0], k));
  expect(sub(to, from).map((value, i) => value * expected[i] >= 0)).not.toContain(false);
  expect(lengthOf.linf(sub(to, from))).toBeCloseTo(0.3, 5);
  const few = new Prototypes(1, 2);
  await expect(attacked(few, pgd, { ...one, loss: 'dlr' })).rejects.toThrow('needs 3 classes');
  const three = new Prototypes(1, 3);
  await expect(attacked(three, pgd, { ...one, loss: 'dlr' }, { targets: [0] })).rejects.toThrow(
    'needs 4 classes',
  );
});

it('PGD says what it is: a gradient attack for any goal, whose results are examples unless it improves them', () => {
  expect([pgd.usesGradients, pgd.goals]).toEqual([true, 'any']);
  expect(pgd.victim).toEqual(['classifier', 'encoder']);
  expect(pgd.threat({ norm: 'l2', epsilon: 0.3, target: 2 })).toEqual({
    norm: 'l2',
    epsilon: 0.3,
    target: 2,
  });
  expect(pgd.takesExamples!({ keepImproving: false })).toBe(true);
  expect(pgd.takesExamples!({ keepImproving: true })).toBe(false);
});
