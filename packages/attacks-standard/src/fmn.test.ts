import { describe, expect, it } from 'vitest';
import { add, apart, directionOf, inBox, lengthOf, sub } from './by-hand.test-support.js';
import { fmn } from './fmn.js';
import { attacked, never, Prototypes, onCpu } from './prototypes.test-support.js';

onCpu();
const on = new Prototypes(4);

type Norm = 'linf' | 'l2' | 'l1' | 'l0';
interface Asked {
  norm: Norm;
  steps: number;
  alpha?: number;
  gamma?: number;
  epsilon?: number;
}

const lengths = { ...lengthOf, l0: (v: readonly number[]) => v.filter((value) => value !== 0).length };
const dual = { linf: lengthOf.l1, l2: lengthOf.l2, l1: lengthOf.linf };

/** The nearest perturbation of at most this length. */
function project(norm: Norm, delta: readonly number[], radius: number): number[] {
  if (norm === 'linf') return delta.map((one) => Math.min(radius, Math.max(-radius, one)));
  if (norm === 'l2') return delta.map((one) => one * Math.min(1, radius / Math.hypot(...delta)));
  const sizes = delta.map(Math.abs).sort((a, b) => b - a);
  if (norm === 'l0') {
    const least = sizes[Math.min(sizes.length, Math.floor(radius)) - 1];
    return delta.map((one) => (Math.abs(one) >= least ? one : 0));
  }
  if (lengthOf.l1(delta) <= radius) return [...delta];
  const excess = sizes.map((_, k) => (sizes.slice(0, k + 1).reduce((a, b) => a + b) - radius) / (k + 1));
  const threshold = excess.filter((one, k) => sizes[k] > one).at(-1)!;
  return delta.map((one) => Math.sign(one) * Math.max(0, Math.abs(one) - threshold));
}

/** Algorithm 1 for one image: every point, and the length of the shortest success. */
function walk(
  row: number,
  label: number,
  { norm, steps, alpha = 1, gamma = 0.05, epsilon = Infinity }: Asked,
  hold: boolean,
) {
  const clean = on.images[row];
  const points = [[...clean]];
  let [radius, shortest] = [0, Infinity];
  for (let k = 0; ; k++) {
    const x = points[k];
    const f = on.criterion(x, label) + (hold ? 1000 : 0);
    const length = lengths[norm](sub(x, clean).map((one) => (Math.abs(one) < 1e-9 ? 0 : one)));
    if (f <= 0) shortest = Math.min(shortest, length);
    if (k === steps) return { points, shortest };
    const fall = (1 + Math.cos((Math.PI * k) / steps)) / 2;
    const share = 0.001 + (gamma - 0.001) * fall;
    const slope = on.between(x, label, on.rival(x, label).k);
    if (norm === 'l0')
      radius =
        f <= 0
          ? Math.max(1, Math.min(radius - 1, Math.floor(radius * (1 - share)), shortest))
          : Math.max(radius + 1, Math.floor(radius * (1 + share)));
    else if (f <= 0) radius = Math.min(radius * (1 - share), shortest);
    else {
      radius *= 1 + share;
      if (shortest === Infinity) radius = Math.max(radius, length + f / dual[norm](slope));
    }
    radius = Math.min(radius, epsilon);
    const size = alpha / 100 + (alpha - alpha / 100) * fall;
    const moved = add(sub(x, clean), directionOf.l2(slope), -size);
    points.push(inBox(add(clean, project(norm, moved, radius))));
  }
}

const settings: Asked[] = [
  ...(['linf', 'l2', 'l1', 'l0'] as const).flatMap((norm) => [
    { norm, steps: 12 },
    { norm, steps: 8, alpha: 0.3, gamma: 0.3 },
  ]),
  { norm: 'linf', steps: 8, epsilon: 0.15 },
  { norm: 'l0', steps: 8, epsilon: 2 },
  { norm: 'l0', steps: 8, alpha: 0.3, gamma: 0.9 },
];

describe('FMN', () => {
  it.each(settings)('is algorithm 1, and keeps the shortest success (%j)', async (asked) => {
    let found = 0;
    const { passes, perturbed } = await attacked(on, fmn, asked);
    expect(passes.map(({ gradient }) => gradient)).toEqual(passes.map((_, k) => k < asked.steps));
    for (const row of on.images.keys()) {
      const { points, shortest } = walk(row, on.labels[row], asked, false);
      expect(
        apart(
          passes.map(({ x }) => x[row]),
          points,
        ),
      ).toBeLessThan(1e-3);
      if (shortest === Infinity) continue;
      const delta = sub(perturbed[row], on.images[row]).map((one) => (Math.abs(one) < 1e-6 ? 0 : one));
      expect(lengths[asked.norm](delta)).toBeCloseTo(shortest, 3);
      found++;
    }
    expect(found).toBeGreaterThan(0);
  });

  it.each(['linf', 'l0'] as const)('lets the radius grow while nothing is found (%s)', async (norm) => {
    const asked = { norm, steps: 12, gamma: 0.9 };
    const { points } = walk(1, on.labels[1], asked, true);
    const { passes } = await attacked(on, fmn, asked, { rows: [1], goal: never });
    expect(
      apart(
        passes.map(({ x }) => x[0]),
        points,
      ),
    ).toBeLessThan(1e-3);
  });

  it('goes on after a success, does to each sample what it does to it alone, and leaves no tensor behind', async () => {
    for (const norm of ['l2', 'l0']) {
      const all = await attacked(on, fmn, { norm, steps: 8 });
      expect(all.passes).toHaveLength(9);
      expect(all.left).toBe(0);
      for (const row of on.images.keys()) {
        const alone = await attacked(on, fmn, { norm, steps: 8 }, { rows: [row] });
        expect(apart([all.perturbed[row]], alone.perturbed)).toBeLessThan(1e-6);
      }
    }
  });

  it('says what it is: a gradient attack for any goal that looks for the shortest perturbation', () => {
    expect([fmn.usesGradients, fmn.goals, fmn.shortest!({ norm: 'l1' })]).toEqual([true, 'any', 'l1']);
    expect(fmn.threat({ norm: 'l0', epsilon: 3, target: 1 })).toEqual({ norm: 'l0', epsilon: 3, target: 1 });
    expect((fmn.params.properties as { norm: { enum: string[] } }).norm.enum).toEqual([
      'linf',
      'l2',
      'l1',
      'l0',
    ]);
    expect(fmn.within!({ steps: 100 }, { gradients: 7 })).toEqual({ steps: 7 });
  });
});
