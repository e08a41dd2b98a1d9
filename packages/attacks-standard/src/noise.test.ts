import { describe, expect, it } from 'vitest';
import { add, apart, inside, lengthOf } from './by-hand.test-support.js';
import { noise } from './noise.js';
import { attacked, bounds, never, onCpu, Prototypes, randomOf } from './prototypes.test-support.js';

onCpu();
const on = new Prototypes(4);

describe('noise', () => {
  it.each(['linf', 'l2', 'l1'] as const)('is drawn anew for each try, of length ε (%s)', async (norm) => {
    const { passes, perturbed, left } = await attacked(
      on,
      noise,
      { norm, epsilon: 0.3, draws: 3 },
      { goal: never },
    );
    expect(passes.map(({ gradient, x }) => [gradient, x.length])).toEqual(Array(3).fill([false, 4]));
    expect(left).toBe(0);
    for (const [row, clean] of on.images.entries()) {
      const tried = [0, 1, 2].map((i) => {
        const part = randomOf(noise, [row]).part(`draw-${i}`);
        const [one, sizes] = [part.streams('noise')[0], part.streams('size')[0]];
        if (norm === 'linf')
          return inside(
            'linf',
            clean,
            add(
              clean,
              clean.map(() => one.uniform(-0.3, 0.3)),
            ),
            1,
          );
        const normal = clean.map(() => one.normal());
        // Of Laplace's distribution the size is exponential.
        const raw =
          norm === 'l2' ? normal : normal.map((value) => Math.sign(value) * -Math.log(1 - sizes.uniform()));
        return inside('linf', clean, add(clean, raw, 0.3 / lengthOf[norm](raw)), 1);
      });
      expect(
        apart(
          passes.map(({ x }) => x[row]),
          tried,
        ),
      ).toBeLessThan(1e-6);
      const f = tried.map((x) => on.criterion(x, on.labels[row]));
      expect(apart([perturbed[row]], [tried[f.indexOf(Math.min(...f))]])).toBeLessThan(1e-6);
    }
  });

  it('is tried until it breaks a sample, which then leaves the batch', async () => {
    const asked = { epsilon: 0.5, draws: 12 };
    const all = await attacked(on, noise, asked);
    expect(new Set(all.forwards).size).toBeGreaterThan(1);
    for (const row of on.images.keys()) {
      const alone = await attacked(on, noise, asked, { rows: [row] });
      expect(alone.forwards[0]).toBe(all.forwards[row]);
      expect(apart([all.perturbed[row]], alone.perturbed)).toBeLessThan(1e-6);
      expect(on.criterion(all.perturbed[row], on.labels[row]) <= 0).toBe(all.forwards[row] < 12);
    }
    const [low, high] = bounds;
    expect(all.perturbed.flat().every((value) => value >= low && value <= high)).toBe(true);
  });

  it('is a control for any victim and goal', () => {
    expect([noise.usesGradients, noise.goals, noise.victim]).toEqual([false, 'any', 'any']);
    expect(noise.threat({ norm: 'l1', epsilon: 2, target: 1 })).toEqual({
      norm: 'l1',
      epsilon: 2,
      target: 1,
    });
    expect(noise.within!({ draws: 3, norm: 'l2' }, { forwards: 9 })).toEqual({ draws: 9, norm: 'l2' });
    expect(noise.within!({ draws: 3 }, {})).toEqual({ draws: 3 });
  });
});
