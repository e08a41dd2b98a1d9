import { describe, expect, it } from 'vitest';
import { type FeatureBlock, Stream } from '@gauntlet/api';
import { checkAgainst } from '@gauntlet/core';
import builtIn from '@gauntlet/mutual-information';
import { drawTask, waves } from '../../../bench/known-information/laws.mjs';
import known from '../../../bench/known-information/tasks.json' with { type: 'json' };
import { infoNce, newCritic } from './info-nce/critic.js';
import { digamma } from './ksg/digamma.js';
import { ksg } from './ksg/ksg.js';
import { principalAxes } from './principal-axes.js';
import { pairsOf, standardised } from './samples.js';

const blockOf = (data: Float32Array, channels: number): FeatureBlock => ({
  data,
  n: 1,
  positions: data.length / channels,
  channels,
});

async function measured(name: string, id: string, params: Record<string, unknown>) {
  const task = known.tasks.find((one) => one.id === id)!;
  const { u, v } = drawTask(task, 900, new Stream('known', id, 0));
  const plugin = builtIn.find((one) => one.name === name)!;
  const options = { ...params };
  expect(checkAgainst(plugin.params, options)).toEqual([]);
  const yardstick = await plugin.open(options);
  const [value] = await yardstick.estimate(blockOf(u, task.dimension), blockOf(v, task.dimension));
  return { value, truth: task.information };
}

describe('KSG on tasks of the BMI benchmark', () => {
  it.each([
    ['1v1-normal-0.75', 0.05],
    ['normal_cdf-1v1-normal-0.75', 0.05],
    ['1v1-additive-0.1', 0.15],
    ['1v1-additive-0.75', 0.06],
    ['multinormal-dense-3-3-0.5', 0.07],
    ['multinormal-sparse-3-3-2-2.0', 0.2],
    ['student-identity-1-1-1', 0.1],
  ])('%s: within %f nats', async (id, tolerance) => {
    const { value, truth } = await measured('ksg', id, { components: null });
    expect(Math.abs(value - truth)).toBeLessThan(tolerance);
  });

  it.each(known.ksg)(
    'is what benchmark-mi computes: $n points of dimension $dimension, k $k',
    ({ n, dimension, share, k, information }) => {
      const { u, v } = waves(n, dimension, share);
      const pairs = { u: standardised(u, dimension), v: standardised(v, dimension), count: n, dimension };
      expect(ksg(pairs, k)).toBeCloseTo(information, 8);
    },
  );

  it('finds nothing in flat areas, where all points are the same', () => {
    const flat = new Float64Array(600);
    expect(ksg({ u: flat, v: flat, count: 300, dimension: 2 }, 4)).toBeLessThan(0.1);
  });

  it('says what to do where an image has too few positions', async () => {
    const block = blockOf(new Float32Array(12), 3);
    const yardstick = await builtIn
      .find(({ name }) => name === 'ksg')!
      .open({ k: 5, components: null, positions: 1024 });
    expect(() => yardstick.estimate(block, block)).toThrow(/k is 5, but an image has 4 positions/);
  });

  it('ψ of whole numbers', () => {
    // SciPy's digamma.
    expect([1, 2, 10, 1000].map(digamma)).toEqual(
      [-0.5772156649015329, 0.42278433509846713, 2.251752589066721, 6.907255195648812].map((value) =>
        expect.closeTo(value, 12),
      ),
    );
  });
});

describe('InfoNCE', () => {
  it.each([
    ['1v1-normal-0.75', 0.12],
    ['multinormal-dense-3-3-0.5', 0.15],
    ['multinormal-sparse-3-3-2-2.0', 0.25],
    ['half_cube-multinormal-sparse-3-3-2-2.0', 0.35],
  ])('%s: below the truth by less than %f nats, or near it', async (id, tolerance) => {
    const { value, truth } = await measured('info-nce', id, {});
    expect(truth - value).toBeLessThan(tolerance);
    expect(value - truth).toBeLessThan(0.1);
  });

  it('is never above the logarithm of its batch, which its name states', async () => {
    const plugin = builtIn.find(({ name }) => name === 'info-nce')!;
    const options = { batch: 8, steps: 200 };
    checkAgainst(plugin.params, options);
    const yardstick = await plugin.open(options);
    const { u } = waves(400, 3, 1);
    const block = blockOf(Float32Array.from(u), 3);
    const [value] = await yardstick.estimate(block, block);
    expect(value).toBeLessThanOrEqual(Math.log(8));
    expect(value).toBeGreaterThan(Math.log(8) - 0.5);
    expect(yardstick.name).toContain('at most ln 8 = 2.08');
  });

  it('learns on one half and is asked about the other: unrelated sides share nothing', async () => {
    const draw = (side: string) => {
      const stream = new Stream(side);
      return blockOf(
        Float32Array.from({ length: 200 * 8 }, () => stream.normal()),
        8,
      );
    };
    const plugin = builtIn.find(({ name }) => name === 'info-nce')!;
    const options = { steps: 300 };
    checkAgainst(plugin.params, options);
    const [value] = await (await plugin.open(options)).estimate(draw('a'), draw('b'));
    expect(value).toBeLessThan(0.05);
  });

  it('has the gradient that differences have', () => {
    const { u, v } = waves(12, 2, 0.7);
    const critic = newCritic(2, 5, new Stream('gradient'));
    const gradient = new Float64Array(critic.values.length);
    infoNce(critic, u, v, gradient);
    gradient.forEach((slope, i) => {
      const at = (step: number) => {
        const values = critic.values.slice();
        values[i] += step;
        return infoNce({ ...critic, values }, u, v);
      };
      expect(slope).toBeCloseTo((at(1e-6) - at(-1e-6)) / 2e-6, 6);
    });
  });
});

describe('what estimators of pairs look at', () => {
  it('the widest directions of the clean side, which both sides are projected on', () => {
    const stream = new Stream('axes');
    // Widths 5, 2 and 1 along known directions, which are at right angles.
    const directions = [
      [0.6, 0.8, 0],
      [-0.8, 0.6, 0],
      [0, 0, 1],
    ];
    const rows = Float64Array.from({ length: 3000 }, () => 0);
    for (let at = 0; at < rows.length; at += 3)
      directions.forEach((direction, i) => {
        const length = [5, 2, 1][i] * stream.normal();
        direction.forEach((share, c) => (rows[at + c] += length * share));
      });
    const axes = principalAxes(rows, 3, 2);
    for (const i of [0, 1]) {
      const along = directions[i].reduce((sum, share, c) => sum + share * axes[3 * i + c], 0);
      expect(Math.abs(along)).toBeGreaterThan(0.99);
    }
  });

  it('every second position of an image with more than they may look at, each side standardised', () => {
    const data = Float32Array.from({ length: 200 }, (_, i) => Math.sin(i) + (i % 2 ? 40 : -3));
    const { u, count, dimension } = pairsOf(blockOf(data, 2), blockOf(data, 2), 0, {
      components: null,
      positions: 60,
    });
    expect([count, dimension]).toEqual([50, 2]);
    const column = u.filter((_, i) => i % 2 === 0);
    expect(column.reduce((a, b) => a + b, 0)).toBeCloseTo(0, 9);
    expect(column.reduce((a, b) => a + b * b, 0) / 50).toBeCloseTo(1, 9);
    const raw = Array.from({ length: 50 }, (_, row) => data[4 * row]);
    const order = (values: ArrayLike<number>) => [...Array(50).keys()].sort((a, b) => values[a] - values[b]);
    expect(order(column)).toEqual(order(raw));
  });
});
