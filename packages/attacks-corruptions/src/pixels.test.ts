import { describe, expect, it } from 'vitest';
import { assertColours, brighter, grey } from './colour.js';
import { filter2d, gaussianFilter, gaussianWeights, mirrored, nearest, symmetric } from './filters.js';
import { motionBlur } from './motion.js';
import { addLayer, clipped, type Picture, plane } from './picture.js';
import { boxResize, clippedZoom, crop, nearestResize, warp, zoom } from './resample.js';
import { imageOf, pictureOf } from './units.js';

/** Two channels: 100·row + 10·column + channel. */
const numbered = (height: number, width: number): Picture => ({
  height,
  width,
  channels: 2,
  values: Float64Array.from({ length: height * width * 2 }, (_, i) => {
    const pixel = Math.floor(i / 2);
    return 100 * Math.floor(pixel / width) + 10 * (pixel % width) + (i % 2);
  }),
});
const at = ({ width, channels, values }: Picture, y: number, x: number, c: number) =>
  values[(y * width + x) * channels + c];
const shapeOf = ({ height, width, channels, values }: Picture) => [height, width, channels, values.length];
/** All values, from a function of place and channel. */
const expectAll = (found: Picture, of: (y: number, x: number, c: number) => number) => {
  for (let y = 0; y < found.height; y++)
    for (let x = 0; x < found.width; x++)
      for (let c = 0; c < found.channels; c++) expect(at(found, y, x, c)).toBeCloseTo(of(y, x, c), 9);
};

it('borders look places up that are outside', () => {
  const around = [-7, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6, 7];
  expect(around.map((i) => nearest(i, 3))).toEqual([0, 0, 0, 0, 0, 0, 1, 2, 2, 2, 2, 2, 2]);
  expect(around.map((i) => symmetric(i, 3))).toEqual([0, 2, 2, 1, 0, 0, 1, 2, 2, 1, 0, 0, 1]);
  expect(around.map((i) => mirrored(i, 3))).toEqual([1, 0, 1, 2, 1, 0, 1, 2, 1, 0, 1, 2, 1]);
  expect([-1, 0, 5].map((i) => mirrored(i, 1))).toEqual([0, 0, 0]);
});

describe('a filter', () => {
  it('has Gaussian weights of sum 1', () => {
    const weights = [...gaussianWeights(0.8, 2)];
    const raw = [-2, -1, 0, 1, 2].map((i) => Math.exp(-(i * i) / (2 * 0.8 * 0.8)));
    const sum = raw.reduce((a, b) => a + b);
    expect(weights).toHaveLength(5);
    weights.forEach((one, i) => expect(one).toBeCloseTo(raw[i] / sum, 12));
  });

  it('is Gaussian down and across, cut off, and leaves an axis without σ alone', () => {
    const picture = numbered(4, 5);
    // ⌊3 · 0.5 + 0.5⌋ = 2 and ⌊3 · 0.3 + 0.5⌋ = 1 to each side.
    const [down, across] = [gaussianWeights(0.5, 2), gaussianWeights(0.3, 1)];
    const summed = (weights: Float64Array, reach: number, of: (by: number) => number) =>
      weights.reduce((sum, weight, i) => sum + weight * of(i - reach), 0);
    const column = (y: number, x: number, c: number) =>
      summed(down, 2, (by) => at(picture, symmetric(y + by, 4), x, c));
    expectAll(gaussianFilter(picture, [0.5, 0], symmetric, 3), column);
    expectAll(gaussianFilter(picture, [0.5, 0.3], symmetric, 3), (y, x, c) =>
      summed(across, 1, (by) => column(y, symmetric(x + by, 5), c)),
    );
    expect(gaussianFilter(picture, [0, 0], nearest, 3)).toEqual(picture);
  });

  it('is a correlation with a kernel', () => {
    const picture = numbered(3, 4);
    const kernel = plane(3, 5, (y, x) => [0, 1, 2][y] * 10 + x - (y === 1 && x === 2 ? 12 : 0));
    expectAll(filter2d(picture, kernel, nearest), (y, x, c) => {
      let sum = 0;
      for (let i = 0; i < 3; i++)
        for (let j = 0; j < 5; j++)
          sum += at(kernel, i, j, 0) * at(picture, nearest(y + i - 1, 3), nearest(x + j - 2, 4), c);
      return sum;
    });
  });

  it('blurs along a line: half a Gaussian, rounded places, as long as it stays in the picture', () => {
    const picture = numbered(5, 4);
    for (const [angle, down, across] of [
      [0, 0, 1],
      [90, 1, 0],
      [-90, -1, 0],
      [180, 0, -1],
      [45, Math.SQRT1_2, Math.SQRT1_2],
      [-110, Math.sin((-110 * Math.PI) / 180), Math.cos((-110 * Math.PI) / 180)],
    ]) {
      const weights = Array.from({ length: 7 }, (_, i) => Math.exp(-(i * i) / (2 * 2 * 2)));
      const sum = weights.reduce((a, b) => a + b);
      // Halves are rounded away from where the line goes to.
      const places = weights.map((_, i) => [down, across].map((by) => -Math.ceil(i * by - 0.5)));
      const out = places.findIndex(([dy, dx]) => Math.abs(dy) >= 5 || Math.abs(dx) >= 4);
      expectAll(motionBlur(picture, 3, 2, angle), (y, x, c) =>
        places
          .slice(0, out < 0 ? 7 : out)
          .reduce(
            (total, [dy, dx], i) =>
              total + (weights[i] / sum) * at(picture, nearest(y - dy, 5), nearest(x - dx, 4), c),
            0,
          ),
      );
    }
  });
});

describe('a picture', () => {
  it('is filled in reading order, clipped, and gets a layer on each channel', () => {
    expect([...plane(2, 3, (y, x) => 10 * y + x).values]).toEqual([0, 1, 2, 10, 11, 12]);
    expect([...clipped(plane(1, 4, (_, x) => x - 1.5)).values]).toEqual([0, 0, 0.5, 1]);
    const layer = plane(4, 5, (y, x) => 1000 * (10 * y + x));
    const sum = addLayer(numbered(2, 3), layer);
    expectAll(sum, (y, x, c) => 100 * y + 10 * x + c + 1000 * (10 * y + x));
  });

  it('is warped by interpolation, with what is outside looked up or filled', () => {
    const picture = numbered(3, 4);
    const linear = (y: number, x: number, c: number) => 100 * y + 10 * x + c;
    // Inside, interpolation of a linear picture is exact.
    const inside = warp(picture, (y, x) => [1 + y / 4, 1.5 + x / 3], nearest);
    expectAll(inside, (y, x, c) => linear(1 + y / 4, 1.5 + x / 3, c));
    for (const [down, across] of [
      [-0.75, 1.5],
      [1.25, -2.5],
    ]) {
      const away = (y: number, x: number) => [y + down, x + across] as const;
      const weighted = (y: number, x: number, of: (y: number, x: number) => number) => {
        const [top, left] = [Math.floor(y + down), Math.floor(x + across)];
        const row = (py: number) => (of(py, left) + of(py, left + 1)) / 2;
        return 0.75 * row(top) + 0.25 * row(top + 1);
      };
      expectAll(warp(picture, away, nearest), (y, x, c) =>
        weighted(y, x, (py, px) => at(picture, nearest(py, 3), nearest(px, 4), c)),
      );
      expectAll(warp(picture, away, { fill: -7 }), (y, x, c) =>
        weighted(y, x, (py, px) => (py < 0 || py > 2 || px < 0 || px > 3 ? -7 : at(picture, py, px, c))),
      );
    }
    expectAll(
      warp(picture, (y, x) => [y, x], { fill: NaN }),
      linear,
    );
    expect(shapeOf(inside)).toEqual([3, 4, 2, 24]);
  });

  it('is zoomed corner on corner, to the next whole size, halves to the even one', () => {
    const picture = numbered(3, 5);
    const twice = zoom(picture, 2);
    expect(shapeOf(twice)).toEqual([6, 10, 2, 120]);
    expectAll(twice, (y, x, c) => (100 * y * 2) / 5 + (10 * x * 4) / 9 + c);
    // 3 · 1.5 = 4.5 and 5 · 1.5 = 7.5.
    expect(shapeOf(zoom(picture, 1.5)).slice(0, 2)).toEqual([4, 8]);
    expect(shapeOf(zoom(picture, 1.2)).slice(0, 2)).toEqual([4, 6]);
    expect(zoom(picture, 1)).toEqual(picture);
    expect([
      ...zoom(
        plane(1, 1, () => 3),
        2,
      ).values,
    ]).toEqual([3, 3, 3, 3]);
    expect([
      ...zoom(
        plane(1, 3, (_, x) => x),
        0.4,
      ).values,
    ]).toEqual([]);
    expect([
      ...zoom(
        plane(2, 2, (y, x) => 2 * y + x),
        0.5,
      ).values,
    ]).toEqual([0]);
  });

  it('is cropped, and zoomed around its middle', () => {
    const picture = numbered(5, 6);
    const part = crop(picture, 1, 2, 3, 2);
    expect(shapeOf(part)).toEqual([3, 2, 2, 12]);
    expectAll(part, (y, x, c) => 100 * (y + 1) + 10 * (x + 2) + c);
    // ⌈5/2⌉ × ⌈6/2⌉ from the middle, twice as large.
    expect(clippedZoom(picture, 2)).toEqual(zoom(crop(picture, 1, 1, 3, 3), 2));
    expect(clippedZoom(picture, 1.5)).toEqual(zoom(crop(picture, 0, 1, 4, 4), 1.5));
  });

  it('shrinks to means of the pixels that each new one covers, and grows to the nearest', () => {
    const picture = numbered(4, 6);
    const half = boxResize(picture, 2, 3);
    expect(shapeOf(half)).toEqual([2, 3, 2, 12]);
    expectAll(half, (y, x, c) => 100 * (2 * y + 0.5) + 10 * (2 * x + 0.5) + c);
    // Five onto three: middles at 5/6, 2.5 and 25/6, each covers 5/3 and takes pixels whose middle is within.
    const five = boxResize(
      plane(5, 1, (y) => y),
      3,
      1,
    );
    [0.5, 2, 3.5].forEach((value, i) => expect(five.values[i]).toBeCloseTo(value, 12));
    const across = boxResize(
      plane(1, 5, (_, x) => x),
      1,
      3,
    );
    expect(across.values).toEqual(five.values);
    expect([
      ...boxResize(
        plane(1, 2, (_, x) => x),
        1,
        4,
      ).values,
    ]).toEqual([0, 0, 1, 1]);
    const back = nearestResize(numbered(2, 3), 4, 5);
    expect(shapeOf(back)).toEqual([4, 5, 2, 40]);
    expectAll(back, (y, x, c) => 100 * Math.floor(y / 2) + 10 * [0, 0, 1, 2, 2][x] + c);
  });
});

describe('colour', () => {
  const rgb: Picture = {
    height: 1,
    width: 3,
    channels: 3,
    values: Float64Array.of(0.2, 0.4, 0.8, 0, 0, 0, 1, 0.5, 0.25),
  };

  it('is grey or red, green and blue', () => {
    assertColours(1);
    assertColours(3);
    for (const channels of [0, 2, 4]) expect(() => assertColours(channels)).toThrow(`have ${channels}`);
    const luma = [0.299 * 0.2 + 0.587 * 0.4 + 0.114 * 0.8, 0, 0.299 + 0.587 * 0.5 + 0.114 * 0.25];
    const found = [...grey(rgb)];
    expect(found).toHaveLength(3);
    found.forEach((value, i) => expect(value).toBeCloseTo(luma[i], 12));
    const flat = plane(1, 2, (_, x) => x);
    expect(grey(flat)).toBe(flat.values);
  });

  it('becomes brighter in its largest value, with hue and saturation as they were', () => {
    const lifted = [0.25, 0.5, 1, 0.2, 0.2, 0.2, 1, 0.5, 0.25];
    brighter(rgb, 0.2).values.forEach((value, i) => expect(value).toBeCloseTo(lifted[i], 12));
    const dark = [0.1, 0.2, 0.4, 0, 0, 0, 0.6, 0.3, 0.15];
    brighter(rgb, -0.4).values.forEach((value, i) => expect(value).toBeCloseTo(dark[i], 12));
    const [low, middle, high] = brighter(
      plane(1, 3, (_, x) => x / 2),
      -0.25,
    ).values;
    expect([low, middle, high]).toEqual([0, 0.25, 0.75]);
  });

  it('is in 0 … 1 for a corruption, and in the bounds for the victim', () => {
    const units = { shape: [1, 3, 1], bounds: [-1, 3] } as const;
    const picture = pictureOf(Float32Array.of(-1, 0, 3), units);
    expect(picture).toEqual({ height: 1, width: 3, channels: 1, values: Float64Array.of(0, 0.25, 1) });
    expect([
      ...imageOf(
        plane(1, 4, (_, x) => x / 2 - 0.25),
        units,
      ),
    ]).toEqual([-1, 0, 2, 3]);
    expect(() => pictureOf(new Float32Array(4), { ...units, shape: [1, 2, 2] })).toThrow('have 2');
  });
});
