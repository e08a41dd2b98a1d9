import { Stream } from '@gauntlet/api';
import { describe, expect, it } from 'vitest';
import { type KindName, kindNames, kinds } from './kinds.js';
import { motionBlur } from './motion.js';
import type { Picture } from './picture.js';

const side = 32;

/** Bytes as NumPy makes them: (128 + 100·sin(x/5 + c) + 20·cos(y/3)), cut off. */
const picture: Picture = {
  height: side,
  width: side,
  channels: 3,
  values: Float64Array.from({ length: side * side * 3 }, (_, i) => {
    const [x, y, c] = [Math.floor(i / 3) % side, Math.floor(i / 3 / side), i % 3];
    const value = 128 + 100 * Math.sin(x / 5 + c) + 20 * Math.cos(y / 3);
    return Math.floor(Math.min(255, Math.max(0, value))) / 255;
  }),
};
const places = [
  [0, 0, 0],
  [3, 17, 1],
  [15, 15, 2],
  [31, 8, 0],
  [20, 31, 1],
  [9, 26, 2],
] as const;
const bytesAt = ({ values }: Picture) =>
  places.map(([y, x, c]) => 255 * Math.min(1, Math.max(0, values[(y * side + x) * 3 + c]!)));

/** What imagecorruptions 1.1.2 makes of the picture at those places, at severities 1, 3 and 5. It cuts decimals off. */
const known: Partial<Record<KindName, Record<number, number[]>>> = {
  'defocus-blur': {
    1: [168, 46, 41, 206, 204, 185],
    3: [185, 54, 51, 193, 175, 182],
    5: [196, 75, 74, 176, 136, 177],
  },
  'zoom-blur': {
    1: [154, 45, 33, 210, 209, 174],
    3: [162, 43, 33, 208, 201, 169],
    5: [171, 41, 33, 208, 190, 161],
  },
  brightness: {
    1: [158, 52, 43, 240, 239, 212],
    3: [158, 72, 56, 255, 239, 255],
    5: [158, 91, 64, 255, 239, 255],
  },
  contrast: {
    1: [134, 93, 91, 161, 166, 151],
    3: [130, 110, 109, 143, 147, 139],
    5: [127, 123, 123, 130, 132, 130],
  },
  pixelate: {
    1: [157, 38, 44, 212, 217, 181],
    3: [165, 41, 28, 207, 212, 173],
    5: [173, 49, 26, 203, 196, 180],
  },
  'jpeg-compression': {
    1: [162, 41, 40, 213, 224, 188],
    3: [155, 51, 48, 212, 224, 190],
    5: [175, 50, 31, 197, 231, 169],
  },
};

const corrupt = (kind: KindName, severity: number, scale: 'cifar' | 'imagenet' = 'imagenet', seed = 0) =>
  kinds[kind].severities[scale][severity - 1]!(picture, new Stream('test', kind, severity, seed));

describe('a corruption in which nothing is random', () => {
  for (const [kind, bySeverity] of Object.entries(known))
    it(`${kind}: gives the pixels of imagecorruptions to one level`, async () => {
      for (const [severity, expected] of Object.entries(bySeverity)) {
        const found = bytesAt(await corrupt(kind as KindName, Number(severity)));
        found.forEach((value, i) =>
          expect(Math.abs(Math.round(value) - expected[i]!)).toBeLessThanOrEqual(1),
        );
      }
    });

  it('motion blur gives them for an angle', () => {
    const expected = [205, 87, 97, 152, 219, 213];
    bytesAt(motionBlur(picture, 15, 8, -30)).forEach((value, i) =>
      expect(Math.abs(value - expected[i]!)).toBeLessThanOrEqual(1),
    );
  });
});

describe('a random corruption', () => {
  const mean = (values: ArrayLike<number>) =>
    Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;

  it('is Gaussian, Poisson and salt and pepper noise of the published strength', async () => {
    const grey: Picture = { ...picture, values: picture.values.map(() => 0.5) };
    const of = async (kind: KindName) =>
      (await kinds[kind].severities.imagenet[2]!(grey, new Stream('moments'))).values;
    const deviation = (values: Float64Array) => Math.sqrt(mean(values.map((value) => (value - 0.5) ** 2)));
    expect(deviation(await of('gaussian-noise'))).toBeCloseTo(0.18, 2);
    // Of Poisson(x·c)/c it is √(x/c), here cut off at 1.
    expect(deviation(await of('shot-noise'))).toBeCloseTo(Math.sqrt(0.5 / 12), 1);
    const impulses = await of('impulse-noise');
    expect(mean(impulses.map((value) => Number(value !== 0.5)))).toBeCloseTo(0.09, 1);
    expect(mean(impulses.filter((value) => value !== 0.5))).toBeCloseTo(0.5, 1);
  });

  it.each(kindNames)(
    '%s: is the same for the same stream, leaves the picture as it was, and ends in 0 … 1',
    async (kind) => {
      const before = picture.values.slice();
      for (const scale of ['cifar', 'imagenet'] as const)
        for (const severity of [1, 5]) {
          const one = await corrupt(kind, severity, scale);
          expect(one.values).toEqual((await corrupt(kind, severity, scale)).values);
          expect(one.values.length).toBe(picture.values.length);
          expect(one.values.every((value) => value >= 0 && value <= 1)).toBe(true);
          if (!known[kind]) expect(one.values).not.toEqual((await corrupt(kind, severity, scale, 1)).values);
        }
      expect(picture.values).toEqual(before);
    },
  );

  it.each(kindNames)('%s: changes more at severity 5 than at 1, in grey as well', async (kind) => {
    const grey: Picture = {
      ...picture,
      channels: 1,
      values: picture.values.filter((_, i) => i % 3 === 0),
    };
    const change = async (severity: number) => {
      const { values } = await kinds[kind].severities.imagenet[severity - 1]!(grey, new Stream('grey', kind));
      return mean(values.map((value, i) => (value - grey.values[i]!) ** 2));
    };
    expect(await change(5)).toBeGreaterThan(await change(1));
  });
});
