import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { type Goal, Stream } from '@gauntlet/api';
import { apart } from './by-hand.test-support.js';
import { attacked, bounds, onCpu, Prototypes, randomOf } from './prototypes.test-support.js';
import { square } from './square.js';
import { windowsOf } from './square-windows.js';

onCpu();
const on = new Prototypes(3);

const size = (v: ArrayLike<number>) => Math.hypot(...Array.from(v));
const signOf = (stream: Stream) => (stream.uniform() < 0.5 ? -1 : 1);

/** Equation 2: half of the window rises, the other half falls. */
function hill(h1: number, h2: number): number[][] {
  const n = Math.floor(h1 / 2);
  return Array.from({ length: h1 }, (_, r) =>
    Array.from({ length: h2 }, (_, s) => {
      const most = n - Math.max(Math.abs(r - n), Math.abs(s - Math.floor(h2 / 2)));
      return Array.from({ length: Math.max(0, most + 1) }, (_, k) => (n + 1 - k) ** -2).reduce(
        (a, b) => a + b,
        0,
      );
    }),
  );
}
function bumpOf(side: number, stream: Stream): number[][] {
  const half = Math.floor(side / 2);
  const upright = stream.uniform() < 0.5;
  const [up, down] = [hill(side, half), hill(side, side - half)];
  const bump = up.map((row, r) => [...row, ...down[r].map((value) => -value)]);
  return upright ? bump : bump.map((row, r) => row.map((_, s) => bump[s][r]));
}

const canvases = [
  { height: 12, width: 10, channels: 2 },
  { height: 7, width: 11, channels: 1 },
  { height: 4, width: 3, channels: 3 },
];

describe.each(canvases)('windows on $height × $width × $channels', ({ height, width, channels }) => {
  const canvas = { height, width, channels, epsilon: 0.4, bounds: [-0.5, 1] as const };
  const at = (r: number, s: number, c: number) => (r * width + s) * channels + c;
  const source = new Stream('clean');
  const clean = Float32Array.from({ length: height * width * channels }, () => source.uniform(-0.4, 0.9));
  const inBox = (value: number) => Math.min(1, Math.max(-0.5, value));
  const near = (found: Float32Array, expected: ArrayLike<number>) =>
    expect(apart([[...found]], [Array.from(expected)])).toBeLessThan(1e-5);

  it('of L∞ begin with stripes of ±ε, and set a square of each channel to ±ε (algorithm 2)', () => {
    const windows = windowsOf('linf', canvas);
    const [stream, twin] = [new Stream('linf'), new Stream('linf')];
    const image = windows.start(clean, stream);
    const stripe = Array.from({ length: width * channels }, () => 0.4 * signOf(twin));
    near(
      image,
      clean.map((value, i) => inBox(value + stripe[i % stripe.length])),
    );
    for (const share of [0.0001, 0.1, 0.3, 1]) {
      const side = Math.min(height, width, Math.max(1, Math.round(Math.sqrt(share * height * width))));
      const into = new Float32Array(clean.length);
      windows.change(clean, image, into, share, stream);
      const expected = [...image];
      const [top, left] = [twin.integer(height - side + 1), twin.integer(width - side + 1)];
      for (let c = 0; c < channels; c++) {
        const by = 0.4 * signOf(twin);
        for (let r = top; r < top + side; r++)
          for (let s = left; s < left + side; s++) expected[at(r, s, c)] = inBox(clean[at(r, s, c)] + by);
      }
      near(into, expected);
    }
  });

  it('of L2 begin with bumps side by side, of length ε together', () => {
    const [stream, twin] = [new Stream('l2'), new Stream('l2')];
    const image = windowsOf('l2', canvas).start(clean, stream);
    const side = Math.max(1, Math.floor(Math.min(height, width) / 5));
    const delta = new Array<number>(clean.length).fill(0);
    const [down, across] = [height, width].map((length) => Math.min(5, Math.floor(length / side)));
    const [top, left] = [(height - down * side) / 2, (width - across * side) / 2].map(Math.floor);
    for (let i = 0; i < down; i++)
      for (let j = 0; j < across; j++) {
        const bump = bumpOf(side, twin);
        for (let c = 0; c < channels; c++) {
          const sign = signOf(twin);
          bump.forEach((row, r) =>
            row.forEach((value, s) => (delta[at(top + i * side + r, left + j * side + s, c)] = sign * value)),
          );
        }
      }
    near(
      image,
      clean.map((value, i) => inBox(value + (0.4 * delta[i]) / size(delta))),
    );
  });

  it('of L2 move length from one window into a bump in another (algorithm 3)', () => {
    const windows = windowsOf('l2', canvas);
    const [stream, twin] = [new Stream('move'), new Stream('move')];
    let image = clean;
    for (const [i, share] of [0.0001, 0.2, 0.5, 1, 0.0001, 0.05, 0.3].entries()) {
      // First less than ε, and later once more than it.
      if (i % 4 === 0) image = clean.map((value, k) => inBox(value + (i === 0 ? 0.02 : 0.5) * Math.cos(k)));
      const side = Math.min(height, width, Math.max(3, Math.round(Math.sqrt(share * height * width))));
      const into = new Float32Array(clean.length);
      windows.change(clean, image, into, share, stream);
      const [t1, l1, t2, l2] = [height, width, height, width].map((length) =>
        twin.integer(length - side + 1),
      );
      const nu = [...image].map((value, i) => value - clean[i]);
      const unused = Math.max(0, 0.4 ** 2 - size(nu) ** 2);
      const bump = bumpOf(side, twin);
      const each = (top: number, left: number, c: number) =>
        bump.flatMap((row, r) => row.map((_, s) => at(top + r, left + s, c)));
      for (let c = 0; c < channels; c++) {
        const [one, other] = [each(t1, l1, c), each(t2, l2, c)];
        const both = [...new Set([...one, ...other])].map((i) => nu[i]);
        const budget = Math.sqrt(size(both) ** 2 + unused / channels);
        const old = one.map((i) => nu[i]);
        const sign = signOf(twin);
        const mixed = bump
          .flat()
          .map((value, i) => (sign * value) / size(bump.flat()) + old[i] / Math.max(size(old), 1e-12));
        other.forEach((i) => (nu[i] = 0));
        one.forEach((i, k) => (nu[i] = (mixed[k] * budget) / Math.max(size(mixed), 1e-12)));
      }
      const factor = Math.min(1, 0.4 / size(nu));
      near(
        into,
        clean.map((value, i) => inBox(value + factor * nu[i])),
      );
      image = into;
    }
  });
});

it('the bump of a window of three is that of the paper', () => {
  // 1/(n+1)² = 1/4 at the edge, and 1 more in the middle; n = 1.
  expect(hill(3, 2)).toEqual([
    [0.25, 0.25],
    [0.25, 1.25],
    [0.25, 0.25],
  ]);
});

describe.each(['linf', 'l2'] as const)('Square (%s)', (norm) => {
  const asked = { norm, epsilon: 0.02, queries: 2000, p: 1 };
  /** Met after fifteen passes. */
  const soon =
    (goal: Goal): Goal =>
    (rows) => ({
      name: 'soon',
      value: (outputs) => tf.sub(goal(rows).value(outputs), on.passes.length < 15 ? 0 : 1000) as tf.Tensor1D,
    });

  it('keeps a change where it makes the criterion smaller, with windows that shrink as queries go by', async () => {
    const { passes, perturbed } = await attacked(on, square, asked, { goal: soon });
    const windows = windowsOf(norm, { height: 2, width: 3, channels: 1, epsilon: 0.02, bounds });
    const streams = randomOf(square, [0, 1, 2]).streams('windows');
    const clean = on.images.map((image) => Float32Array.from(image));
    const best = clean.map((image, row) => windows.start(image, streams[row]));
    const tried = [new Map(best.map((image, row) => [row, image]))];
    let rows = [0, 1, 2];
    for (let query = 1; rows.length > 0; query++) {
      // Of 10,000 queries windows are halved after 10 and after 50: here after 2 and after 10.
      const share = query <= 2 ? 1 : query <= 10 ? 0.5 : 0.25;
      const changed = new Map<number, Float32Array>();
      for (const row of rows) {
        const into = new Float32Array(6);
        const said = windows.change(clean[row], best[row], into, share, streams[row]);
        const other = into.some((value, at) => value !== best[row][at]);
        expect(said).toBe(norm === 'l2' || other);
        if (said) changed.set(row, into);
      }
      if (changed.size === 0) continue;
      tried.push(changed);
      const f = (x: Float32Array, row: number) => on.criterion([...x], on.labels[row]);
      for (const [row, into] of changed)
        if (tried.length >= 15 || f(into, row) < f(best[row], row) - 1e-7) best[row] = into;
      if (tried.length >= 15) rows = rows.filter((row) => !changed.has(row));
    }
    expect(passes.map((pass) => pass.rows)).toEqual(tried.map((images) => [...images.keys()]));
    passes.forEach(({ x }, at) => {
      const images = [...tried[at].values()].map((image) => [...image]);
      expect(apart(x, images)).toBeLessThan(1e-6);
    });
    expect(
      apart(
        perturbed,
        best.map((image) => [...image]),
      ),
    ).toBeLessThan(1e-6);
  });

  it('asks no more when all samples have succeeded, or when its queries are spent', async () => {
    const { passes } = await attacked(on, square, { norm, epsilon: 3, queries: 200 });
    expect(passes.every(({ rows }) => rows.length > 0)).toBe(true);
    expect(passes.length).toBeLessThan(200);
    const held = await attacked(on, square, { norm, epsilon: 0.01, queries: 7 });
    // A window of one sign may leave an image as it was, which is known then.
    if (norm === 'l2') expect(held.forwards).toEqual([7, 7, 7]);
    else for (const passes of held.forwards) expect(passes).toBeLessThan(7);
  });

  it('lets samples leave at their first success, does to each what it does to it alone, and leaves no tensor', async () => {
    const params = { norm, epsilon: 0.6, queries: 60 };
    const all = await attacked(on, square, params);
    expect(all.left).toBe(0);
    expect(new Set(all.forwards).size).toBeGreaterThan(1);
    for (const row of on.images.keys()) {
      const alone = await attacked(on, square, params, { rows: [row] });
      expect(apart([all.perturbed[row]], alone.perturbed)).toBeLessThan(1e-6);
      expect(all.forwards[row]).toBe(alone.forwards[0]);
      expect(alone.forwards[0] < 60).toBe(on.criterion(alone.perturbed[0], on.labels[row]) <= 0);
    }
  });
});

it('Square says what it is: by scores alone, for any goal, a query for each pass of a budget', () => {
  expect([square.usesGradients, square.goals, square.takesExamples!({})]).toEqual([false, 'any', true]);
  expect(square.threat({ norm: 'l2', epsilon: 1, target: 3 })).toEqual({ norm: 'l2', epsilon: 1, target: 3 });
  expect(square.within!({ queries: 50, p: 0.8 }, { forwards: 20 })).toEqual({ queries: 20, p: 0.8 });
  expect(square.within!({ queries: 50, p: 0.8 }, { gradients: 20 })).toEqual({ queries: 50, p: 0.8 });
});
