import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BatchRandom, type CorruptionFamily, Stream } from '@gauntlet/api';
import { corruptions } from './corruptions.js';
import { kindNames, kinds } from './kinds.js';
import { gridOf, gridSize, identity, transformName } from './transform-grid.js';
import { transformed, transforms } from './transforms.js';
import { worstOf } from './worst-of.js';

let before = '';
beforeAll(async () => {
  before = tf.getBackend();
  await tf.setBackend('cpu');
});
afterAll(async () => {
  if (before) await tf.setBackend(before);
});

const all = { kinds: kindNames, severities: [1, 2, 3, 4, 5], parameters: 'auto' };

describe('common corruptions', () => {
  const family = corruptions.corruption!;

  it('are tried from the gentle ones on', () => {
    const settings = family.settings({ kinds: ['snow', 'fog'], severities: [5, 1] });
    expect(settings.map(({ name }) => name)).toEqual(['snow 1', 'fog 1', 'snow 5', 'fog 5']);
    expect(settings[3]).toMatchObject({ group: 'fog', level: 5 });
    expect(family.settings(all)).toHaveLength(75);
    expect(family.tallied).toBe(true);
  });

  it('have the parameters of small images below 64 pixels, unless the spec says otherwise', async () => {
    const corrupted = async (side: readonly [number, number], parameters: string) => {
      const image = new Float32Array(side[0] * side[1]).fill(60);
      const stream = new Stream('corrupted');
      const setting = { name: 'brightness 2', group: 'brightness', level: 2 };
      const context = { params: { ...all, parameters }, setting, stream, shape: [...side, 1] as const };
      const [value] = await family.corrupt(image, { ...context, bounds: [50, 150] } as never);
      return Math.round(value);
    };
    // 0.1 of the range, or 0.2.
    expect(await corrupted([63, 90], 'auto')).toBe(70);
    expect(await corrupted([90, 63], 'auto')).toBe(70);
    expect(await corrupted([64, 64], 'auto')).toBe(80);
    expect(await corrupted([8, 8], 'imagenet')).toBe(80);
    expect(await corrupted([64, 64], 'cifar')).toBe(70);
  });

  it('say what they are', () => {
    const named = (some: object) => corruptions.threat({ ...all, ...some });
    expect(named({})).toEqual({
      kind: 'corruption',
      norm: 'none',
      epsilon: 0,
      family: 'the 15 common corruptions at severities 1, 2, 3, 4, 5',
    });
    expect(named({ kinds: ['fog', 'snow'], severities: [3], parameters: 'cifar' })).toMatchObject({
      family: 'fog, snow at severity 3 (cifar)',
    });
    expect(named({ severities: [4, 2] })).toMatchObject({
      family: 'the 15 common corruptions at severities 2, 4',
    });
    expect([corruptions.usesGradients, corruptions.goals]).toEqual([false, 'any']);
    expect(kindNames).toHaveLength(15);
    for (const name of kindNames)
      for (const some of Object.values(kinds[name].severities)) expect(some).toHaveLength(5);
  });
});

describe('transforms', () => {
  const given = {
    rotation: 30,
    translation: 0.1,
    scale: 0,
    brightness: 0,
    contrast: 0,
    points: 5,
    fill: 'low',
  };
  const complaints = (some: object) => transforms.complaints!({ ...given, ...some } as never, {} as never);

  it('refuse an even number of points, a grid of one point, and one that is too large', () => {
    expect(complaints({})).toEqual([]);
    const [even] = complaints({ points: 4 });
    expect([even.path, even.message]).toEqual([['points'], expect.stringContaining('Take 5.')]);
    expect(complaints({ rotation: 0, translation: 0 }).map(({ path }) => path)).toEqual([[]]);
    const large = complaints({ scale: 0.1, brightness: 0.1, contrast: 0.1 });
    expect(large.map(({ path, message }) => [path, message.includes('15625 points')])).toEqual([
      [['points'], true],
    ]);
    expect(complaints({ translation: 0, scale: 0.1, points: 101 })[0].message).toContain('10201');
    expect(complaints({ translation: 0, scale: 0.1, points: 99 })).toEqual([]);
    // As many as there may be: 10⁴ would be even.
    expect(complaints({ points: 21 })).toEqual([]);
  });

  it('say what they are', () => {
    const family = (some: object) => (transforms.threat({ ...given, ...some }) as { family: string }).family;
    expect(family({})).toBe('rotation ±30°, translation ±0.1 in 5 points each');
    expect(family({ rotation: 0, contrast: 0.5, fill: 'edge' })).toBe(
      'translation ±0.1, contrast ±0.5 in 5 points each, edge',
    );
    expect(transforms.threat(given)).toMatchObject({ kind: 'corruption', norm: 'none', epsilon: 0 });
    expect([transforms.usesGradients, transforms.goals]).toEqual([false, 'any']);
  });

  it('are the points of the grid, made of an image in its bounds', async () => {
    const family = transforms.corruption!;
    const params = { ...given, rotation: 0, brightness: 0.5, points: 3 };
    const points = family.settings(params) as { name: string; transform: typeof identity }[];
    expect(points).toHaveLength(27);
    expect(points[0]).toEqual({ name: 'none', transform: identity });
    const image = Float32Array.from({ length: 12 }, (_, i) => 10 * i);
    const setting = points.find(({ name }) => name === 'brightness 0.5')!;
    const context = { params, setting, shape: [3, 4, 1], bounds: [0, 200], stream: new Stream('t') };
    const made = await family.corrupt(image, context as never);
    [...made].forEach((value, i) => expect(value).toBeCloseTo(Math.min(200, 10 * i + 100), 4));
  });

  it('turn, shift and magnify around the middle of a picture that is no square', () => {
    const picture = {
      height: 5,
      width: 7,
      channels: 1,
      values: Float64Array.from({ length: 35 }, (_, i) => Math.sin(i)),
    };
    const transform = { ...identity, rotation: 20, down: 0.2, across: -0.1, scale: 0.25 };
    const moved = transformed(picture, transform, 'edge');
    const angle = (20 * Math.PI) / 180;
    for (let y = 0; y < 5; y++)
      for (let x = 0; x < 7; x++) {
        // Back: shifted, turned the other way, and smaller.
        const [dy, dx] = [y - 2 - 0.2 * 5, x - 3 + 0.1 * 7].map((one) => one / 1.25);
        const [sy, sx] = [
          2 + Math.cos(angle) * dy - Math.sin(angle) * dx,
          3 + Math.sin(angle) * dy + Math.cos(angle) * dx,
        ];
        const pixel = (py: number, px: number) =>
          picture.values[Math.min(4, Math.max(0, py)) * 7 + Math.min(6, Math.max(0, px))];
        const [top, left] = [Math.floor(sy), Math.floor(sx)];
        const [v, h] = [sy - top, sx - left];
        const expected =
          (1 - v) * ((1 - h) * pixel(top, left) + h * pixel(top, left + 1)) +
          v * ((1 - h) * pixel(top + 1, left) + h * pixel(top + 1, left + 1));
        expect(moved.values[y * 7 + x]).toBeCloseTo(expected, 9);
      }
    for (const one of [{ rotation: 90 }, { down: 0.4 }, { across: 1 }, { scale: 1 }])
      expect(transformed(picture, { ...identity, ...one }, 'low').values).not.toEqual(picture.values);
    expect(transformed(picture, identity, 'low')).toBe(picture);
  });
});

describe('a grid', () => {
  it('has each axis that has a range, both ways of a shift, from the identity outwards', () => {
    const ranges = { rotation: 0, translation: 0.2, scale: 0.5, brightness: 0.1, contrast: 0 };
    expect(gridSize(ranges, 3)).toBe(81);
    const grid = gridOf(ranges, 3);
    expect(grid).toHaveLength(81);
    expect(grid[0]).toEqual(identity);
    const steps = grid.map((one) => Object.values(one).filter((value) => value !== 0).length);
    expect(steps).toEqual([...steps].sort((a, b) => a - b));
    expect(grid).toContainEqual({ ...identity, down: -0.2, across: 0.2, scale: 0.5, brightness: -0.1 });
    const five = gridOf({ ...ranges, translation: 0, brightness: 0 }, 5).map(({ scale }) => scale);
    expect(five.sort((a, b) => a - b)).toEqual([-0.5, -0.25, 0, 0.25, 0.5]);
    expect(transformName({ ...identity, scale: 0.12345, contrast: -1 })).toBe('scale 0.123 + contrast -1');
  });
});

describe('the worst of a family', () => {
  /** Adds 1, 2 or 3 to all values. */
  const family: CorruptionFamily<object, { name: string; by: number }> = {
    settings: () => [2, 1, 3].map((by) => ({ name: `by ${by}`, by })),
    corrupt: (image, { setting }) => image.map((value) => value + setting.by),
  };

  const x = () => tf.tensor4d([0, 0, 10, 10, 20, 20, 30, 30], [4, 1, 2, 1]);
  const random = new BatchRandom(1, 'worst', [0, 1, 2, 3]);

  /** A victim that shows what it sees, and a goal with a criterion of that; which samples each pass was for. */
  function scene(criterion: (mean: number, row: number) => number) {
    const asked: number[][] = [];
    const victim = {
      inputShape: [1, 2, 1],
      bounds: [0, 100],
      rows: (rows: number[]) => ({
        predict: async (x: tf.Tensor4D) => {
          asked.push(rows);
          return { x };
        },
      }),
    };
    const goal = (rows: number[]) => ({
      value: ({ x }: { x: tf.Tensor4D }) => {
        const means = tf.mean(x, [1, 2, 3]).dataSync();
        return tf.tensor1d(rows.map((row, i) => criterion(means[i], row)));
      },
    });
    return { asked, context: { victim, goal, goalSource: 'standard', random } };
  }

  it('is the first that meets the goal, or else the smallest criterion; what is broken leaves the batch', async () => {
    // By sample and what was added.
    const criteria: Record<number, number>[] = [
      { 1: 5, 2: 0, 3: -1 },
      { 1: 4, 2: 6, 3: 4 },
      { 1: 3, 2: 2, 3: -1 },
      { 1: NaN, 2: NaN, 3: NaN },
    ];
    const { asked, context } = scene((mean, row) => criteria[row][Math.round(mean - 10 * row)]);
    const before = tf.memory().numTensors;
    const clean = x();
    const { perturbed, settings } = await worstOf(family, { ...context, x: clean, params: {} } as never);
    expect([...perturbed.dataSync()]).toEqual([2, 2, 11, 11, 23, 23, 32, 32]);
    expect(Array.from(settings!)).toEqual([0, 1, 2, 0]);
    expect(asked).toEqual([
      [0, 1, 2, 3],
      [1, 2, 3],
      [1, 2, 3],
    ]);
    tf.dispose([perturbed, clean]);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('is not looked for any more when all are broken', async () => {
    const { asked, context } = scene(() => -1);
    await worstOf(family, { ...context, x: x(), params: {} } as never);
    expect(asked).toEqual([[0, 1, 2, 3]]);
  });

  it('is what both attacks return', async () => {
    const given = {
      rotation: 0,
      translation: 0,
      scale: 0,
      brightness: 0.5,
      contrast: 0,
      points: 3,
      fill: 'low',
    };
    const params = [
      [corruptions, { ...all, kinds: ['brightness'], severities: [1, 5] }],
      [transforms, given],
    ] as const;
    for (const [attack, its] of params) {
      const { context } = scene((mean) => 200 - mean);
      const clean = x();
      const { perturbed, settings } = await attack.perturb({ ...context, x: clean, params: its } as never);
      const family = attack.corruption!;
      const names = family.settings(its).map(({ name }) => name);
      // The brightest is the worst here.
      const brightest = attack === corruptions ? 'brightness 5' : 'brightness 0.5';
      expect(Array.from(settings!, (i) => names[i])).toEqual(Array(4).fill(brightest));
      const by = attack === corruptions ? 30 : 50;
      [...perturbed.dataSync()].forEach((value, i) =>
        expect(value).toBeCloseTo(10 * Math.floor(i / 2) + by, 3),
      );
    }
  });
});
