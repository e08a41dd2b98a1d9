import { describe, expect, it } from 'vitest';
import { add, apart, directionOf, inBox, lengthOf, sub } from './by-hand.test-support.js';
import { deepfool } from './deepfool.js';
import { attacked, bounds, Prototypes, onCpu } from './prototypes.test-support.js';

onCpu();
const on = new Prototypes(40, 5);
const first = (row: number, candidates: number) => walk(row, { norm: 'l2', steps: 1, candidates }).slice(1);
/** Three images, and one that is nearer to the boundary of another class than that of the second largest logit. */
const rows = [0, 1, 2, [...on.images.keys()].findIndex((row) => apart(first(row, 10), first(row, 2)) > 0.01)];

interface Asked {
  norm: 'linf' | 'l2';
  steps?: number;
  candidates?: number;
  overshoot?: number;
}

/** Algorithm 2 for one image: every point, the last of which another class is found at, if any is. */
function walk(row: number, { norm, steps = 50, candidates = 10, overshoot = 0.02 }: Asked): number[][] {
  const [clean, label] = [on.images[row], on.labels[row]];
  const points = [[...clean]];
  let total = clean.map(() => 0);
  for (let i = 0; i < steps; i++) {
    const x = points[i];
    const z = on.logits(x);
    if (on.criterion(x, label) <= 0) break;
    const others = [...z.keys()].filter((k) => k !== label).sort((a, b) => z[b] - z[a]);
    const boundaries = others.slice(0, candidates - 1).map((k) => {
      const w = on.between(x, k, label);
      return { w, distance: (z[label] - z[k]) / (norm === 'l2' ? lengthOf.l2(w) : lengthOf.l1(w)) };
    });
    const { w, distance } = boundaries.reduce((a, b) => (b.distance < a.distance ? b : a));
    // The authors' code goes a little further than the distance: 10⁻⁴ of the box.
    total = add(total, directionOf[norm](w), distance + 1e-4 * (bounds[1] - bounds[0]));
    points.push(inBox(add(clean, total, 1 + overshoot)));
  }
  return points;
}

describe('DeepFool', () => {
  it.each<Asked>([
    { norm: 'l2' },
    { norm: 'linf' },
    { norm: 'l2', candidates: 2, overshoot: 0.3 },
    { norm: 'linf', candidates: 3, steps: 2, overshoot: 0 },
    { norm: 'linf', steps: 1, overshoot: 0 },
  ])('is algorithm 2: steps to the nearest boundary, and beyond it (%j)', async (asked) => {
    const each = Math.min(asked.candidates ?? 10, 5) - 1;
    for (const row of rows) {
      const points = walk(row, asked);
      const { passes, perturbed } = await attacked(on, deepfool, asked, { rows: [row] });
      // A look at a point, and then a gradient for each of the classes.
      const looks = passes.filter(({ gradient }) => !gradient).map(({ x }) => x[0]);
      expect(apart(looks, points)).toBeLessThan(1e-4);
      expect(passes).toHaveLength(points.length + each * (points.length - 1));
      const last = points.at(-1)!;
      if (on.criterion(last, on.labels[row]) <= 0) expect(apart(perturbed, [last])).toBeLessThan(1e-4);
    }
  });

  it('has images here: of one the nearest boundary is not that of the second largest logit, one is not broken in a step', () => {
    const held = walk(rows[0], { norm: 'linf', steps: 1, overshoot: 0 }).at(-1)!;
    expect(on.criterion(held, on.labels[rows[0]])).toBeGreaterThan(0);
    const [all, two] = [10, 2].map((candidates) => walk(rows[3], { norm: 'l2', candidates }));
    expect(apart(all.slice(0, 2), two.slice(0, 2))).toBeGreaterThan(0.01);
  });

  it('does to each sample what it does to it alone, whichever leave the batch, and leaves no tensor behind', async () => {
    const all = await attacked(on, deepfool, { norm: 'linf' }, { rows });
    expect(new Set(all.passes.map(({ x }) => x.length)).size).toBeGreaterThan(1);
    for (const [i, row] of rows.entries()) {
      const alone = await attacked(on, deepfool, { norm: 'linf' }, { rows: [row] });
      expect(apart([all.perturbed[i]], alone.perturbed)).toBeLessThan(1e-6);
      expect(alone.forwards[0]).toBe(all.forwards[i]);
      expect(alone.passes).toHaveLength(all.forwards[i]);
    }
    for (const steps of [1, 50]) expect((await attacked(on, deepfool, { steps }, { rows })).left).toBe(0);
  });

  it('gives back what its epsilon allows of what it found', async () => {
    const { perturbed } = await attacked(on, deepfool, { epsilon: 0.05 }, { rows: [0] });
    const last = walk(0, { norm: 'l2' }).at(-1)!;
    const share = 0.05 / lengthOf.l2(sub(last, on.images[0]));
    expect(apart(perturbed, [add(on.images[0], sub(last, on.images[0]), share)])).toBeLessThan(1e-5);
  });

  it('has a budget pay for its classes first, of which two are the least, and then for steps', () => {
    const within = (budget: object) => {
      const { candidates, steps } = deepfool.within!({ candidates: 10, steps: 50 }, budget);
      return [candidates, steps];
    };
    expect(within({ gradients: 90 })).toEqual([10, 10]);
    expect(within({ gradients: 89 })).toEqual([10, 9]);
    // Nine gradients and a look for a step, and a look at the end.
    expect(within({ forwards: 101 })).toEqual([10, 10]);
    expect(within({ forwards: 100 })).toEqual([10, 9]);
    expect(within({ gradients: 90, forwards: 51 })).toEqual([10, 5]);
    expect(within({ gradients: 4 })).toEqual([5, 1]);
    expect(within({ forwards: 6 })).toEqual([5, 1]);
    expect(within({ gradients: 0 })).toEqual([2, 1]);
    expect(deepfool.within!({ candidates: 10, norm: 'l2' }, { gradients: 9 })).toMatchObject({ norm: 'l2' });
  });

  it('says what it is: a gradient attack that looks for the shortest perturbation', () => {
    expect([deepfool.usesGradients, deepfool.goals]).toEqual([true, 'standard']);
    expect(deepfool.shortest!({ norm: 'linf' })).toBe('linf');
    expect(deepfool.threat({ norm: 'l2', epsilon: 0.3 })).toMatchObject({ norm: 'l2', epsilon: 0.3 });
  });
});
