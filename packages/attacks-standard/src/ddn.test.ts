import { describe, expect, it } from 'vitest';
import { add, apart, directionOf, inBox, sub } from './by-hand.test-support.js';
import { ddn } from './ddn.js';
import { attacked, never, Prototypes, onCpu } from './prototypes.test-support.js';

onCpu();
const on = new Prototypes(4);

interface Asked {
  steps: number;
  gamma?: number;
  initialLength?: number;
  epsilon?: number | null;
}

/** Algorithm 1 for one image: every point, and the shortest perturbation that succeeds. */
function walk(row: number, { steps, gamma = 0.05, initialLength = 1, epsilon = null }: Asked) {
  const clean = on.images[row];
  const longest = epsilon ?? Infinity;
  let length = Math.min(initialLength, longest);
  let shortest = Infinity;
  const points = [[...clean]];
  for (let k = 0; ; k++) {
    const x = points[k];
    const met = on.criterion(x, on.labels[row]) <= 0;
    if (met) shortest = Math.min(shortest, Math.hypot(...sub(x, clean)));
    if (k === steps) return { points, shortest };
    length = Math.min(longest, length * (met ? 1 - gamma : 1 + gamma));
    const size = 0.01 + (0.99 * (1 + Math.cos((Math.PI * k) / steps))) / 2;
    const { slope } = on.crossEntropy(x, on.labels[row]);
    const along = add(sub(x, clean), directionOf.l2(slope), size);
    points.push(inBox(add(clean, directionOf.l2(along), length)));
  }
}

describe('DDN', () => {
  it.each([
    { steps: 12 },
    { steps: 12, gamma: 0.2, initialLength: 0.3 },
    { steps: 12, epsilon: 0.4 },
    { steps: 6, epsilon: 0.5, initialLength: 0.2, gamma: 0.3 },
  ])('is algorithm 1, and keeps the shortest success (%j)', async (asked) => {
    let found = 0;
    const { passes, perturbed } = await attacked(on, ddn, asked);
    expect(passes.map(({ gradient }) => gradient)).toEqual(passes.map((_, k) => k < asked.steps));
    for (const row of on.images.keys()) {
      const { points, shortest } = walk(row, asked);
      expect(
        apart(
          passes.map(({ x }) => x[row]),
          points,
        ),
      ).toBeLessThan(1e-4);
      if (shortest === Infinity) continue;
      expect(Math.hypot(...sub(perturbed[row], on.images[row]))).toBeCloseTo(shortest, 4);
      found++;
    }
    expect(found).toBeGreaterThan(0);
  });

  it('goes on after a success, does to each sample what it does to it alone, and leaves no tensor behind', async () => {
    const all = await attacked(on, ddn, { steps: 8 });
    expect(all.passes).toHaveLength(9);
    expect(all.left).toBe(0);
    for (const row of on.images.keys()) {
      const alone = await attacked(on, ddn, { steps: 8 }, { rows: [row] });
      expect(apart([all.perturbed[row]], alone.perturbed)).toBeLessThan(1e-6);
    }
  });

  it('ascends what the spec names, towards a target if there is one, and refuses a ratio of too few classes', async () => {
    const targets = on.labels.map((label) => (label + 1) % 4);
    const asked = { steps: 1, loss: 'goal' };
    const { passes } = await attacked(on, ddn, asked, { rows: [0], targets, goal: never });
    const [from, to] = passes.map(({ x }) => x[0]);
    const { k } = on.rival(from, targets[0]);
    const step = add(from, directionOf.l2(on.between(from, targets[0], k)), 1.05);
    expect(apart([to], [inBox(step)])).toBeLessThan(1e-5);
    const ratio = { steps: 1, loss: 'dlr' };
    await expect(attacked(new Prototypes(1, 2), ddn, ratio)).rejects.toThrow('needs 3 classes');
    const three = new Prototypes(1, 3);
    await expect(attacked(three, ddn, ratio, { targets: [0] })).rejects.toThrow('needs 4 classes');
  });

  it('says what it is: a gradient attack for any goal that looks for the shortest perturbation in L2', () => {
    expect([ddn.usesGradients, ddn.goals, ddn.shortest!({})]).toEqual([true, 'any', 'l2']);
    expect(ddn.threat({ epsilon: 0.3, target: 1 })).toEqual({ norm: 'l2', epsilon: 0.3, target: 1 });
  });
});
