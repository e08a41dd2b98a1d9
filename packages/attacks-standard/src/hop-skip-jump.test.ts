import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

import { type Goal, Stream } from '@gauntlet/api';
import { add, apart, directionOf, inBox, lengthOf, sub } from './by-hand.test-support.js';
import { hopSkipJump } from './hop-skip-jump.js';
import { blocks, Estimate, geometryOf } from './hop-skip-jump-geometry.js';
import { attacked, bounds, onCpu, Prototypes, randomOf, shape } from './prototypes.test-support.js';

onCpu();
const on = new Prototypes(3);
const d = 6;
const [low, high] = bounds;

interface Asked {
  norm: 'linf' | 'l2';
  queries: number;
  initialDraws: number;
}

/** The noise of the box that an attempt begins with: fine, or of one to eight cells a side. */
function noiseOf(stream: Stream, attempt: number): number[] {
  const cells = attempt % 2 === 0 ? 3 : 1 + (Math.floor(attempt / 2) % 8);
  const values = Array.from({ length: cells * cells }, () => stream.uniform(low, high));
  const cell = (r: number, s: number) =>
    values[Math.floor((r * cells) / 2) * cells + Math.floor((s * cells) / 3)];
  return [cell(0, 0), cell(0, 1), cell(0, 2), cell(1, 0), cell(1, 1), cell(1, 2)].map(Math.fround);
}

/** Algorithm 2 for one image: every image that is asked about, and the nearest that meets the goal. */
function walk(row: number, { norm, queries, initialDraws }: Asked) {
  const [clean, label] = [on.images[row], on.labels[row]];
  const stream = randomOf(hopSkipJump, [row]).streams('walk')[0];
  const theta = norm === 'l2' ? d ** -1.5 : d ** -2;
  const asked: number[][] = [];
  let [at, best, length, halved] = [clean, clean, Infinity, 0];
  const left = () => queries - asked.length;
  /** Nothing where no query is left. */
  const ask = (x: number[]): boolean | undefined => {
    if (left() === 0) return undefined;
    asked.push(x);
    const met = on.criterion(x, label) <= 0;
    const far = lengthOf[norm](sub(x, clean));
    if (met && far < length) [best, length] = [x, far];
    return met;
  };
  const bisect = () => {
    const far = at;
    let [near, end] = [0, 1];
    for (let bits = Math.ceil(-Math.log2(theta)); bits > 0; bits--) {
      const share = (near + end) / 2;
      const radius = share * lengthOf.linf(sub(far, clean));
      const x =
        norm === 'l2'
          ? add(clean, sub(far, clean), share)
          : far.map((value, i) => Math.min(clean[i] + radius, Math.max(clean[i] - radius, value)));
      const met = ask(x);
      if (met === undefined) continue;
      if (met) [end, at] = [share, x];
      else near = share;
    }
  };
  for (let attempt = 0; length === Infinity && left() > 0 && attempt < 100; attempt++) {
    const noise = noiseOf(stream, attempt);
    if (ask(noise)) at = noise;
  }
  if (length < Infinity && left() > 0) {
    bisect();
    for (let t = 1; t === 1 || left() > 1; t++) {
      const far = lengthOf[norm](sub(at, clean));
      const delta = t === 1 ? 0.1 * (high - low) : theta * far * (norm === 'l2' ? Math.sqrt(d) : d);
      const draws = Math.min(Math.floor(initialDraws * Math.sqrt(t)), left() - 1);
      const seen = Array.from({ length: draws }, () => {
        const raw = Array.from({ length: d }, () =>
          norm === 'l2' ? stream.normal() : stream.uniform(-1, 1),
        );
        const x = inBox(add(at, directionOf.l2(raw), delta));
        return { u: sub(x, at), phi: ask(x) ? 1 : -1 };
      });
      const mean = seen.reduce((sum, { phi }) => sum + phi, 0) / draws;
      const centre = Math.abs(mean) === 1 ? 0 : mean;
      const gradient = at.map((_, i) => seen.reduce((sum, { u, phi }) => sum + (phi - centre) * u[i], 0));
      const direction = directionOf[norm](gradient);
      for (let k = 0, xi = far / Math.sqrt(t); k < 20; k++, xi /= 2) {
        const x = inBox(add(at, direction, xi));
        const met = ask(x);
        if (met) at = x;
        if (met !== false) break;
        halved++;
      }
      bisect();
    }
  }
  return { asked, best, halved };
}

describe('HopSkipJump', () => {
  const settings: Asked[] = [
    { norm: 'l2', queries: 90, initialDraws: 10 },
    { norm: 'linf', queries: 90, initialDraws: 10 },
    { norm: 'l2', queries: 700, initialDraws: 600 },
    { norm: 'linf', queries: 12, initialDraws: 4 },
    { norm: 'l2', queries: 73, initialDraws: 1 },
    { norm: 'linf', queries: 78, initialDraws: 2 },
  ];

  it.each(settings)('is algorithm 2, with as many queries as it may have (%j)', async (asked) => {
    for (const row of on.images.keys()) {
      const { passes, perturbed } = await attacked(on, hopSkipJump, asked, { rows: [row] });
      expect(passes.some(({ gradient }) => gradient)).toBe(false);
      expect(Math.max(...passes.map(({ x }) => x.length))).toBeLessThanOrEqual(512);
      const expected = walk(row, asked);
      expect(
        apart(
          passes.flatMap(({ x }) => x),
          expected.asked,
        ),
      ).toBeLessThan(1e-3);
      expect(apart(perturbed, [expected.best])).toBeLessThan(1e-3);
    }
  });

  it('has cases here of each kind: steps that are halved, ends with no query left and with one', () => {
    const found = settings.flatMap((asked) =>
      [...on.images.keys()].map((row) => {
        const { asked: images, halved } = walk(row, asked);
        return { left: asked.queries - images.length, halved };
      }),
    );
    expect(new Set(found.map(({ left }) => left))).toEqual(new Set([0, 1]));
    expect(Math.max(...found.map(({ halved }) => halved))).toBeGreaterThan(3);
  });

  it('gives a step up after twenty halvings, and goes back to the boundary from where it was', async () => {
    const asked: Asked = { norm: 'l2', queries: 60, initialDraws: 1 };
    const [clean, label] = [on.images[0], on.labels[0]];
    const met = (x: readonly number[]) => on.criterion(x, label) <= 0;
    const begun = walk(0, asked).asked.findIndex(met) + 1;
    // The bisection takes four passes, the estimate one.
    const until = begun + 4 + 1;
    const goal =
      (standard: Goal): Goal =>
      (rows) => ({
        name: 'for a while',
        value: (outputs) =>
          tf.add(standard(rows).value(outputs), on.passes.length > until ? 1000 : 0) as tf.Tensor1D,
      });
    const { passes } = await attacked(on, hopSkipJump, asked, { rows: [0], goal });
    const images = passes.map(({ x }) => x[0]);
    const at = images
      .slice(0, until - 1)
      .filter(met)
      .at(-1)!;
    // The first ones end at the edge of the box.
    const third = sub(images[until + 2], at);
    const halved = Array.from({ length: 20 }, (_, k) => inBox(add(at, third, 2 ** (2 - k))));
    expect(apart(images.slice(until, until + 20), halved)).toBeLessThan(1e-5);
    expect(apart([images[until + 20]], [add(clean, sub(at, clean), 0.5)])).toBeLessThan(1e-5);
  });

  it('shows the victim no more than 512 images in a pass, and draws no more of them at once', async () => {
    const sizes = async (asked: Partial<Asked>, rows: number[]) =>
      (await attacked(on, hopSkipJump, { norm: 'l2', ...asked }, { rows })).passes.map(({ x }) => x.length);
    const crowd = Array.from({ length: 515 }, (_, i) => i % 3);
    expect((await sizes({ queries: 2 }, crowd)).slice(0, 2)).toEqual([512, 3]);
    const few = await sizes({ queries: 700, initialDraws: 600 }, [0, 1, 2]);
    expect(Math.max(...few)).toBe(3 * Math.floor(512 / 3));
  });

  it('does to each sample what it does to it alone, and leaves no tensor behind', async () => {
    const asked = { norm: 'l2', queries: 60, initialDraws: 8 };
    const all = await attacked(on, hopSkipJump, asked);
    expect(all.left).toBe(0);
    for (const row of on.images.keys()) {
      const alone = await attacked(on, hopSkipJump, asked, { rows: [row] });
      expect(apart([all.perturbed[row]], alone.perturbed)).toBeLessThan(1e-6);
    }
  });

  it('gives the image itself back where no noise meets the goal, after a hundred tries', async () => {
    const goal = () => () => ({
      name: 'never',
      value: ({ logits }: { logits: { shape: number[] } }) => tf.ones([logits.shape[0]]),
    });
    const { perturbed, passes } = await attacked(
      on,
      hopSkipJump,
      { queries: 500 },
      { rows: [1], goal: goal as never },
    );
    expect(apart(perturbed, [on.images[1]])).toBeLessThan(1e-6);
    const stream = randomOf(hopSkipJump, [1]).streams('walk')[0];
    const noise = Array.from({ length: 100 }, (_, attempt) => noiseOf(stream, attempt));
    expect(passes.map(({ x }) => x)).toEqual(noise.map((one) => [one]));
  });

  it('gives back what its epsilon allows of what it found', async () => {
    const asked: Asked = { norm: 'l2', queries: 60, initialDraws: 8 };
    const { perturbed } = await attacked(on, hopSkipJump, { ...asked, epsilon: 0.05 }, { rows: [0] });
    const delta = sub(walk(0, asked).best, on.images[0]);
    expect(apart(perturbed, [add(on.images[0], delta, 0.05 / lengthOf.l2(delta))])).toBeLessThan(1e-4);
  });

  it('says what it is: by labels alone, the shortest perturbation, two queries at least', () => {
    expect([hopSkipJump.usesGradients, hopSkipJump.goals]).toEqual([false, 'standard']);
    expect(hopSkipJump.shortest!({ norm: 'linf' })).toBe('linf');
    expect(hopSkipJump.threat({ norm: 'l2', epsilon: 0.3 })).toMatchObject({ norm: 'l2', epsilon: 0.3 });
    expect(hopSkipJump.within!({ queries: 9, norm: 'l2' }, { forwards: 5 })).toEqual({
      queries: 5,
      norm: 'l2',
    });
    expect(hopSkipJump.within!({ queries: 9 }, { forwards: 1 })).toEqual({ queries: 2 });
    expect(hopSkipJump.within!({ queries: 9 }, { gradients: 1 })).toEqual({ queries: 9 });
  });
});

describe('its geometry', () => {
  const of = (norm: 'linf' | 'l2') => geometryOf({ x: { shape: [5, ...shape] }, params: { norm } });
  const [a, b] = [Float32Array.of(0, 1, 0, 0, 2, 0), Float32Array.of(3, 1, 0, 4, 2, 0)];

  it('is Euclidean, or of the largest difference', () => {
    expect([of('l2').theta, of('l2').spread]).toEqual([d ** -1.5, Math.sqrt(d)]);
    expect([of('linf').theta, of('linf').spread]).toEqual([d ** -2, d]);
    expect([of('l2').lengthOf(a, b), of('linf').lengthOf(a, b)]).toEqual([5, 4]);
    expect([...of('l2').between(a, b, 0.25)]).toEqual([0.75, 1, 0, 1, 2, 0]);
    // To within a quarter of the largest difference.
    expect([...of('linf').between(a, b, 0.25)]).toEqual([1, 1, 0, 1, 2, 0]);
    expect([...of('linf').between(b, a, 0.25)]).toEqual([2, 1, 0, 3, 2, 0]);
    const gradient = Float64Array.of(3, 0, 0, -4, 0, 0);
    expect([...of('l2').directionOf(gradient)]).toEqual([0.6, 0, 0, -0.8, 0, 0]);
    expect([...of('linf').directionOf(gradient)]).toEqual([1, 0, 0, -1, 0, 0]);
    expect([...of('l2').directionOf(new Float64Array(6))]).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it.each(['linf', 'l2'] as const)('draws directions of length 1, to all sides (%s)', (norm) => {
    const stream = new Stream('draws');
    const draws = Array.from({ length: 50 }, () => [...of(norm).draw({ stream })]);
    for (const one of draws) expect(Math.hypot(...one)).toBeCloseTo(1, 10);
    for (let i = 0; i < d; i++)
      expect(new Set(draws.map((one) => Math.sign(one[i])))).toEqual(new Set([-1, 1]));
  });

  it('estimates a gradient less the mean of the answers, unless they are all alike', () => {
    const from = Float32Array.of(1, 1);
    const mixed = new Estimate(from);
    mixed.add(Float32Array.of(2, 1), true);
    mixed.add(Float32Array.of(1, 3), true);
    mixed.add(Float32Array.of(0, 1), false);
    mixed.add(Float32Array.of(2, 2), true);
    // φ̄ = ½: ½ (1, 0) + ½ (0, 2) − 1½ (−1, 0) + ½ (1, 1)
    expect([...mixed.mean()]).toEqual([2.5, 1.5]);
    for (const met of [true, false]) {
      const alike = new Estimate(from);
      alike.add(Float32Array.of(2, 1), met);
      alike.add(Float32Array.of(1, 3), met);
      expect([...alike.mean()].map((one) => (met ? one : -one))).toEqual([1, 2]);
    }
  });

  it('fills blocks of pixels, channel by channel', () => {
    let next = 0;
    expect([...blocks([1, 2, 4, 2], 2, () => next++)]).toEqual([
      0, 1, 0, 1, 2, 3, 2, 3, 4, 5, 4, 5, 6, 7, 6, 7,
    ]);
  });
});
