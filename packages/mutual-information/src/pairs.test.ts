import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { type FeatureBlock, Stream } from '@gauntlet/api';
import { checkAgainst } from '@gauntlet/core';
import { type Estimator, estimateOnce, similarityOf, type View } from './index.js';
import { infoNce, newCritic } from './info-nce/critic.js';
import { estimateInfoNce } from './info-nce/estimate.js';
import { infoNceEstimator } from './info-nce/plugin.js';
import { ksg } from './ksg/ksg.js';
import { ksgEstimator } from './ksg/plugin.js';
import { principalAxes } from './principal-axes.js';
import { neverAlone, rowsOf, rowsOfGroups } from './rows.js';
import { pairsOf, standardised } from './samples.js';

const normal = (name: string, length: number) => {
  const stream = new Stream(name, length);
  return Float64Array.from({ length }, () => stream.normal());
};
const near = (values: readonly number[], digits = 9) =>
  values.map((value) => expect.closeTo(value, digits) as number);
const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);

/** Blocks of two images with 10 positions of 3 channels. */
const block = (name: string): FeatureBlock => ({
  data: Float32Array.from(normal(name, 60)),
  n: 2,
  positions: 10,
  channels: 3,
});

describe('pairs of an image', () => {
  const [clean, perturbed] = [block('clean'), block('perturbed')];
  const rows = ({ data }: FeatureBlock, image: number, step: number) =>
    Float64Array.from(
      Array.from({ length: Math.ceil(10 / step) }, (_, i) => {
        const from = 30 * image + 3 * step * i;
        return [...data.slice(from, from + 3)];
      }).flat(),
    );

  it.each([
    [10, 1],
    [9, 2],
    [5, 2],
    [4, 3],
  ])('of 10 positions, at most %i: every %i. one', (positions, step) => {
    for (const image of [0, 1]) {
      const pairs = pairsOf(clean, perturbed, image, { components: null, positions });
      expect([pairs.count, pairs.dimension]).toEqual([Math.ceil(10 / step), 3]);
      expect([...pairs.u]).toEqual(near([...standardised(rows(clean, image, step), 3)]));
      expect([...pairs.v]).toEqual(near([...standardised(rows(perturbed, image, step), 3)]));
    }
  });

  it('on axes of the clean side, where fewer than its channels are asked for', () => {
    const all = pairsOf(clean, perturbed, 1, { components: 3, positions: 10 });
    const pairs = pairsOf(clean, perturbed, 1, { components: 2, positions: 10 });
    expect([all.dimension, pairs.dimension, pairs.count]).toEqual([3, 2, 10]);
    expect([...all.u]).toEqual(near([...standardised(rows(clean, 1, 1), 3)]));
    const axes = principalAxes(all.u, 3, 2);
    for (const [projected, whole] of [
      [pairs.u, all.u],
      [pairs.v, all.v],
    ]) {
      const expected = Array.from({ length: 20 }, (_, at) => {
        const [row, axis] = [Math.floor(at / 2), at % 2];
        return sum([0, 1, 2].map((c) => whole[3 * row + c] * axes[3 * axis + c]));
      });
      expect([...projected]).toEqual(near(expected));
    }
  });

  it('constant columns are 0, but for rounding in single precision; small spreads are not', () => {
    const rounded = Float64Array.from({ length: 20 }, (_, i) => (i % 2 ? 1000 + 1e-4 * (i % 4) : 5));
    expect([...standardised(rounded, 2)]).toEqual(near(Array(20).fill(0)));
    expect([...standardised(new Float64Array(6), 2)]).toEqual(Array(6).fill(0));
    const fine = Float64Array.from({ length: 20 }, (_, i) => (i % 2 ? 1e-4 * (i % 4) : -3 + (i % 3)));
    const scaled = standardised(fine, 2);
    for (const column of [0, 1]) {
      const values = [...scaled].filter((_, i) => i % 2 === column);
      expect(sum(values)).toBeCloseTo(0, 9);
      expect(sum(values.map((value) => value * value)) / 10).toBeCloseTo(1, 9);
    }
  });

  it.each([5, 20])(
    '%i principal axes are eigenvectors, at right angles, of the largest eigenvalues in order',
    (width) => {
      const values = normal('axes', 40 * width).map((value, i) => value * [1, 4, 2, 0.5, 3][i % 5]);
      const covariance = (a: number, b: number) =>
        sum(Array.from({ length: 40 }, (_, row) => values[row * width + a] * values[row * width + b]));
      const axes = principalAxes(values, width, width);
      const axis = (i: number) => [...axes.subarray(i * width, (i + 1) * width)];
      const spreads = Array.from({ length: width }, (_, i) => {
        const image = axis(i).map((_, a) => sum(axis(i).map((share, b) => covariance(a, b) * share)));
        const spread = sum(image.map((value, a) => value * axis(i)[a]));
        expect(image).toEqual(
          near(
            axis(i).map((share) => spread * share),
            6,
          ),
        );
        for (let j = 0; j <= i; j++)
          expect(sum(axis(i).map((share, c) => share * axis(j)[c]))).toBeCloseTo(i === j ? 1 : 0, 9);
        return spread;
      });
      expect(spreads).toEqual([...spreads].sort((a, b) => b - a));
      expect([...principalAxes(values, width, 2)]).toEqual([...axes.subarray(0, 2 * width)]);
      // Of features in other units, too.
      expect([
        ...principalAxes(
          values.map((value) => 1e-6 * value),
          width,
          width,
        ),
      ]).toEqual(near([...axes], 6));
    },
  );

  it('axes of channels that do not go together are those of the channels', () => {
    expect([...principalAxes(new Float64Array(6), 2, 2)]).toEqual([1, 0, 0, 1]);
    // The first two vary alike and apart, the third is twice the first.
    const rows = [1, 1, -1, -1].flatMap((a, i) => [a, i % 2 ? -1 : 1, 2 * a]);
    const axes = principalAxes(Float64Array.from(rows), 3, 2);
    const [one, two] = [1 / Math.sqrt(5), 2 / Math.sqrt(5)];
    expect([...axes].map(Math.abs)).toEqual(near([one, 0, two, 0, 1, 0]));
  });
});

describe('KSG', () => {
  it('is equation 8 of the paper, neighbours counted one by one', () => {
    const [count, dimension] = [30, 2];
    const u = normal('u', count * dimension);
    const v = u.map((value, i) => value + 0.5 * normal('noise', count * dimension)[i]);
    const harmonic = (n: number) =>
      -0.5772156649015329 + sum(Array.from({ length: n - 1 }, (_, i) => 1 / (i + 1)));
    const distance = (rows: Float64Array, i: number, j: number) =>
      Math.hypot(rows[2 * i] - rows[2 * j], rows[2 * i + 1] - rows[2 * j + 1]);
    for (const k of [1, 3, 29]) {
      const terms = Array.from({ length: count }, (_, i) => {
        const others = [...Array(count).keys()].filter((j) => j !== i);
        const far = others.map((j) => Math.max(distance(u, i, j), distance(v, i, j))).sort((a, b) => a - b);
        const within = (rows: Float64Array) => others.filter((j) => distance(rows, i, j) < far[k - 1]).length;
        return harmonic(within(u) + 1) + harmonic(within(v) + 1);
      });
      const expected = harmonic(k) + harmonic(count) - sum(terms) / count;
      expect(ksg({ u, v, count, dimension }, k)).toBeCloseTo(Math.max(0, expected), 8);
    }
    expect(() => ksg({ u, v, count, dimension }, 30)).toThrow(/k is 30, but an image has 30 positions/);
    const unrelated = { u: normal('a', 60), v: normal('b', 60), count: 60, dimension: 1 };
    expect(ksg(unrelated, 59)).toBe(0);
  });

  it('as a plugin looks at each image, on principal components where it is told', async () => {
    const [clean, perturbed] = [block('clean'), block('perturbed')];
    for (const components of [null, 2]) {
      const yardstick = await ksgEstimator.open({ k: 2, components, positions: 1024 });
      const found = await yardstick.estimate(clean, perturbed);
      const expected = [0, 1].map((i) =>
        ksg(pairsOf(clean, perturbed, i, { components, positions: 1024 }), 2),
      );
      expect([...found]).toEqual(expected);
      expect(yardstick.name).toContain(
        components === null ? 'k 2, all channels' : 'k 2, 2 principal components',
      );
    }
  });
});

describe('InfoNCE', () => {
  it('of a critic is what loops give', () => {
    const [K, d, units] = [5, 2, 3];
    const critic = newCritic(d, units, new Stream('critic'));
    critic.values.set(normal('values', critic.values.length));
    const [u, v] = [normal('u', K * d), normal('v', K * d)];
    const w = critic.values;
    const score = (i: number, j: number) =>
      sum(
        [0, 1, 2].map((h) => {
          const left = sum([0, 1].map((c) => u[d * i + c] * w[c * units + h]));
          const right = sum([0, 1].map((c) => v[d * j + c] * w[(d + c) * units + h]));
          return Math.max(0, left + right + w[2 * d * units + h]) * w[(2 * d + 1) * units + h];
        }),
      );
    const rows = [...Array(K).keys()];
    const terms = rows.map((i) => score(i, i) - Math.log(sum(rows.map((j) => Math.exp(score(i, j)))) / K));
    expect(infoNce(critic, u, v)).toBeCloseTo(sum(terms) / K, 10);
    // Scores in the thousands are no trouble, and what is in `gradient` does not matter.
    const gradient = Float64Array.from(w, () => 7);
    const clear = Float64Array.from(u, (value) => 1e4 * value);
    expect(Number.isFinite(infoNce(critic, clear, v, gradient))).toBe(true);
    infoNce(critic, u, v, gradient);
    gradient.forEach((slope, i) => {
      const at = (step: number) =>
        infoNce({ ...critic, values: w.map((value, k) => value + (k === i ? step : 0)) }, u, v);
      expect(slope).toBeCloseTo((at(1e-6) - at(-1e-6)) / 2e-6, 6);
    });
  });

  it('starts with weights of the normal law of Glorot, and biases of 0', () => {
    const [d, units] = [30, 20];
    const { values, ...sizes } = newCritic(d, units, new Stream('critic'));
    expect([sizes, values.length]).toEqual([{ dimension: d, units }, 2 * 30 * 20 + 20 + 20]);
    const stream = new Stream('critic');
    const drawn = (count: number, deviation: number) =>
      Array.from({ length: count }, () => deviation * stream.normal());
    expect([...values]).toEqual(
      near([
        ...drawn(1200, Math.sqrt(2 / 80)),
        ...Array<number>(20).fill(0),
        ...drawn(20, Math.sqrt(2 / 21)),
      ]),
    );
  });

  it('learns by Adam on one half of the pairs, and asks in batches of the other', () => {
    const [count, dimension] = [41, 2];
    const u = normal('u', 2 * count);
    const v = u.map((value) => 2 * value);
    const options = { batch: 6, steps: 30, learningRate: 0.05, units: 4 };
    const order = [...new Stream('info-nce', 'halves').permutation(count)];
    const critic = newCritic(dimension, 4, new Stream('info-nce', 'critic'));
    const batches = new Stream('info-nce', 'batches');
    const some = (rows: readonly number[], of: Float64Array) =>
      Float64Array.from(rows.flatMap((row) => [of[2 * row], of[2 * row + 1]]));
    const moments = [...critic.values].map(() => [0, 0]);
    for (let step = 1; step <= 30; step++) {
      const rows = [...batches.permutation(20)].slice(0, 6).map((row) => order[row]);
      const gradient = new Float64Array(critic.values.length);
      infoNce(critic, some(rows, u), some(rows, v), gradient);
      gradient.forEach((slope, i) => {
        const [m, w] = [0.9 * moments[i][0] + 0.1 * slope, 0.999 * moments[i][1] + 0.001 * slope ** 2];
        moments[i] = [m, w];
        const corrected = m / (1 - 0.9 ** step) / Math.sqrt(w / (1 - 0.999 ** step) + 1e-30);
        critic.values[i] += 0.05 * corrected;
      });
    }
    const asked = [0, 1, 2].map((b) => order.slice(20 + 6 * b, 26 + 6 * b));
    const values = asked.map((rows) => infoNce(critic, some(rows, u), some(rows, v)));
    expect(estimateInfoNce({ u, v, count, dimension }, options)).toBeCloseTo(Math.max(0, sum(values) / 3), 4);
    expect(sum(values)).toBeGreaterThan(0);
    // Of fewer pairs than two batches take, half is a batch.
    const line = normal('u', 41).slice(0, 9);
    const few = { u: line, v: line.map((value) => 2 * value), count: 9, dimension: 1 };
    const value = estimateInfoNce(few, { ...options, steps: 200 });
    expect(value).toBeGreaterThan(0);
    expect(value).toBeLessThanOrEqual(Math.log(4));
    expect(estimateInfoNce({ ...few, v: normal('other', 9) }, { ...options, steps: 100 })).toBe(0);
  });

  it('as a plugin looks at each image, on principal components where it is told', async () => {
    const [clean, perturbed] = [block('clean'), block('clean')];
    for (const components of [null, 2]) {
      const options: Record<string, unknown> = { steps: 40, batch: 4, components };
      expect(checkAgainst(infoNceEstimator.params, options)).toEqual([]);
      const yardstick = await infoNceEstimator.open(options as Parameters<typeof infoNceEstimator.open>[0]);
      const found = await yardstick.estimate(clean, perturbed);
      const expected = [0, 1].map((i) =>
        estimateInfoNce(pairsOf(clean, perturbed, i, { components, positions: 1024 }), {
          batch: 4,
          steps: 40,
          learningRate: 0.01,
          units: 16,
        }),
      );
      expect([...found]).toEqual(expected);
      expect(yardstick.name).toContain(
        `ln 4 = 1.39, 40 steps on half of the positions, ${components === null ? 'all channels' : '2 principal components'}`,
      );
    }
  });
});

it.each([
  [ksgEstimator, { k: 4, components: 3, positions: 1024 }, { k: 0 }],
  [
    infoNceEstimator,
    { batch: 128, steps: 100, learningRate: 0.01, units: 16, components: null, positions: 1024 },
    { batch: 1, steps: 0, learningRate: 0, units: 0 },
  ],
])('the options of $name have defaults, and lower ends', ({ params }, defaults, tooSmall) => {
  const given: Record<string, unknown> = {};
  expect(checkAgainst(params, given)).toEqual([]);
  expect(given).toEqual(defaults);
  const refused = { ...tooSmall, components: 0, positions: 15, sigma: 1 };
  for (const [name, value] of Object.entries(refused))
    expect(checkAgainst(params, { [name]: value })).toHaveLength(1);
  for (const name of Object.keys(defaults)) expect(checkAgainst(params, { [name]: 'many' })).not.toEqual([]);
});

it('rows of a batch are picked in their order, and a single one is computed as two', () => {
  const tensor = new ort.Tensor(
    'float32',
    Float32Array.from({ length: 12 }, (_, i) => i),
    [3, 2, 2],
  );
  const picked = rowsOf(tensor, [2, 0]);
  expect([picked.dims, [...(picked.data as Float32Array)]]).toEqual([
    [2, 2, 2],
    [8, 9, 10, 11, 0, 1, 2, 3],
  ]);
  expect(neverAlone(picked)).toBe(picked);
  const groups = [rowsOf(tensor, [0, 1]), rowsOf(tensor, [2])];
  expect(rowsOfGroups(groups, 2, [2, 1, 0]).data).toEqual(rowsOf(tensor, [2, 1, 0]).data);
  const twice = neverAlone(rowsOf(tensor, [1]));
  expect([twice.dims, [...(twice.data as Float32Array)]]).toEqual([
    [2, 2, 2],
    [4, 5, 6, 7, 4, 5, 6, 7],
  ]);
});

describe('the estimator that an attack names', () => {
  it('is that one, at the rate that it is told or its own', () => {
    const described = (options: Parameters<typeof similarityOf>[0]) => similarityOf(options).description;
    expect(described({ similarity: 'gaussian' })).toContain('Gaussian estimate');
    expect(described({ similarity: 'positions', learningRate: null })).toContain('by shuffle, Adam 0.005');
    expect(
      described({ similarity: 'fast', sampling: 'conv', marginals: 'all-pairs', learningRate: 0.3 }),
    ).toBe('MINE, fast network, sampling conv, marginals by all-pairs, Adam 0.3');
  });

  it('estimates once: opened, trained, asked, and disposed of, even if it fails', async () => {
    const done: unknown[] = [];
    const estimator = (fails: boolean) =>
      ({
        open: async (...given: unknown[]) => {
          done.push(['open', ...given]);
          return {
            train: async (...with_: unknown[]) => void done.push(['train', ...with_]),
            estimate: async (view: unknown) => {
              done.push(['estimate', view]);
              if (fails) throw new Error('no estimate');
              return 'estimated';
            },
            dispose: () => done.push('dispose'),
          };
        },
      }) as unknown as Estimator;
    const [clean, perturbed] = ['clean', 'perturbed'] as unknown as View[];
    const expected = [
      ['open', clean, [], undefined],
      ['train', perturbed, 7],
      ['estimate', perturbed],
      'dispose',
    ];
    expect(await estimateOnce(estimator(false), clean, perturbed, [], 7)).toBe('estimated');
    expect(done.splice(0)).toEqual(expected);
    await expect(estimateOnce(estimator(true), clean, perturbed, [], 7)).rejects.toThrow('no estimate');
    expect(done).toEqual(expected);
  });
});
