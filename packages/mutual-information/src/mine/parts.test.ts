import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { Stream } from '@gauntlet/api';
import { openEngine } from '@gauntlet/core';
import { normalTensor, streamsFor, viewOf } from '../views.test-support.js';
import { BatchedAdam, beta1, beta2, correctionAt } from './adam.js';
import { fastCritic, paperCritic, positionsCritic } from './critics.js';
import { donskerVaradhan } from './donsker-varadhan.js';
import { mine } from './mine.js';
import { drawShuffle, permuteRows } from './permute.js';
import { featureMaps, positions, randomProjections } from './sampling.js';

beforeAll(async () => {
  await openEngine('tfjs:wasm');
});

const numbers = async (tensor: tf.Tensor) => [...(await tensor.data())];
const near = (values: readonly number[], digits = 4) =>
  values.map((value) => expect.closeTo(value, digits) as number);
const normal = (key: string, shape: number[]) => {
  const stream = new Stream(key, ...shape);
  return tf.tensor(
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => stream.normal()),
    shape,
  );
};

describe('Adam', () => {
  it('ascends as Kingma and Ba write, each parameter at its rate, and forgets samples that left', async () => {
    const start = [tf.tensor2d([[1], [2], [3]]), tf.tensor1d([5, 6, 7])];
    const before = tf.memory().numTensors;
    const adam = new BatchedAdam(start, [0.1, 0.01]);
    const [one, two] = [
      [tf.tensor2d([[0.5], [-2], [1]]), tf.tensor1d([1, 2, 3])],
      [tf.tensor2d([[1], [4], [-1]]), tf.tensor1d([-1, 2, 0.5])],
    ];
    const first = adam.ascend(start, one);
    const second = adam.ascend(first, two);
    adam.keep((tensor) => {
      const kept = tf.gather(tensor, [2, 0]);
      tensor.dispose();
      return kept;
    });
    const left = (tensors: tf.Tensor[]) => tensors.map((tensor) => tf.gather(tensor, [2, 0]));
    const third = adam.ascend(left(second), left(one));
    const expected = (p: number, gradients: number[], rate: number) => {
      let [m, v] = [0, 0];
      const epsilon = 1e-8;
      return gradients.map((g, i) => {
        m = beta1 * m + (1 - beta1) * g;
        v = beta2 * v + (1 - beta2) * g * g;
        const [mean, square] = [m / (1 - beta1 ** (i + 1)), v / (1 - beta2 ** (i + 1))];
        // ε beside the uncorrected moment.
        return (p += (rate * mean) / (Math.sqrt(square) + epsilon / Math.sqrt(1 - beta2 ** (i + 1))));
      });
    };
    const matrix = [
      expected(1, [0.5, 1, 0.5], 0.1),
      expected(2, [-2, 4, -2], 0.1),
      expected(3, [1, -1, 1], 0.1),
    ];
    const vector = [
      expected(5, [1, -1, 1], 0.01),
      expected(6, [2, 2, 2], 0.01),
      expected(7, [3, 0.5, 3], 0.01),
    ];
    [first, second].forEach((step, t) =>
      step.forEach((tensor, i) =>
        expect([...tensor.dataSync()]).toEqual(near([matrix, vector][i].map((row) => row[t]))),
      ),
    );
    expect(await numbers(third[0])).toEqual(near([matrix[2][2], matrix[0][2]]));
    expect(await numbers(third[1])).toEqual(near([vector[2][2], vector[0][2]]));
    expect(correctionAt(1)).toBeCloseTo(1, 12);
    adam.dispose();
    // Three results, four gradients, and what is left of parameters and gradients: the moments are gone.
    expect(tf.memory().numTensors - before).toBe(6 + 4 + 4);
  });

  it('keeps its moments in the range of normal numbers where gradients stay 0', async () => {
    const [start, one, none] = [tf.tensor1d([0.5]), tf.tensor1d([1]), tf.tensor1d([0])];
    const adam = new BatchedAdam([start], [0.1]);
    let parameters = adam.ascend([start], [one]);
    for (let step = 0; step < 1200; step++) {
      const next = adam.ascend(parameters, [none]);
      tf.dispose(parameters);
      parameters = next;
    }
    const moments: tf.Tensor[] = [];
    adam.keep((tensor) => {
      moments.push(tensor);
      return tensor;
    });
    expect(moments).toHaveLength(2);
    for (const moment of moments) expect((await moment.data())[0]).toBeGreaterThan(2 ** -126);
    adam.dispose();
  });
});

describe('the bound of Donsker and Varadhan', () => {
  const [n, k, h] = [2, 4, 3];

  it('is what loops give, by one permutation and by all pairs', async () => {
    const [a, c, head] = [normal('a', [n, k, h]), normal('c', [n, k, h]), normal('head', [n, h, 1])];
    const [A, C, V] = [a, c, head].map((tensor) => tensor.arraySync()) as number[][][][];
    const score = (s: number, i: number, j: number) =>
      V[s].reduce(
        (sum: number, [v]: number[], u: number) => sum + Math.max(0, A[s][i][u] + C[s][j][u]) * v,
        0,
      );
    const shuffle = drawShuffle(streamsFor(n), k);
    const bound = (s: number, others: [number, number][]) => {
      const joint = A[s].reduce((sum: number, _: unknown, i: number) => sum + score(s, i, i), 0) / k;
      const exponentials = others.reduce((sum, [i, j]) => sum + Math.exp(score(s, i, j)), 0);
      return joint - Math.log(exponentials / others.length);
    };
    const all = Array.from({ length: k * k }, (_, at): [number, number] => [Math.floor(at / k), at % k]);
    const drawn = (s: number) =>
      Array.from({ length: k }, (_, i): [number, number] => [i, shuffle.order[s * k + i] - s * k]);
    const tensors = [a, c] as tf.Tensor3D[];
    const [byShuffle, byAll] = [
      donskerVaradhan(tensors[0], tensors[1], head, shuffle),
      donskerVaradhan(tensors[0], tensors[1], head),
    ];
    expect(await numbers(byShuffle)).toEqual(near([0, 1].map((s) => bound(s, drawn(s)))));
    expect(await numbers(byAll)).toEqual(near([0, 1].map((s) => bound(s, all))));
  });

  it('permutes rows within each sample, and gradients back', async () => {
    const { order, inverse } = drawShuffle(streamsFor(2), 5);
    expect([...order].sort((x, y) => x - y)).toEqual([...Array(10).keys()]);
    expect([...order].slice(0, 5).every((row) => row < 5)).toBe(true);
    expect([...order].slice(0, 5)).not.toEqual([...order].slice(5).map((row) => row - 5));
    order.forEach((row, i) => expect(inverse[row]).toBe(i));
    const x = normal('rows', [2, 5, 3]) as tf.Tensor3D;
    const weights = normal('weights', [2, 5, 3]);
    const row = (tensor: tf.Tensor, i: number) => [...tensor.dataSync().slice(3 * i, 3 * i + 3)];
    const { value, grad } = tf.valueAndGrad((t: tf.Tensor) =>
      tf.sum(tf.mul(permuteRows(t as tf.Tensor3D, { order, inverse }), weights)),
    )(x);
    const permuted = permuteRows(x, { order, inverse });
    order.forEach((from, i) => {
      expect(row(permuted, i)).toEqual(row(x, from));
      expect(row(grad, from)).toEqual(row(weights, i));
    });
    expect(Number.isFinite((await numbers(value))[0])).toBe(true);
  });
});

describe('samples of one pair of images', () => {
  const shape: [number, number, number, number] = [2, 3, 4, 5];
  const at = (tensor: tf.Tensor, ...where: number[]) => {
    const index = where.reduce((sum, i, axis) => sum * tensor.shape[axis] + i, 0);
    return tensor.dataSync()[index];
  };

  it('are maps of the features after the activation, or their positions', () => {
    const view = viewOf(normalTensor('view', shape));
    const [maps, places] = [featureMaps(view), positions(view)];
    expect([maps.of, maps.map, maps.u.shape]).toEqual(['features', [3, 4], [2, 5, 12]]);
    expect([places.of, places.map, places.u.shape]).toEqual(['features', undefined, [2, 12, 5]]);
    for (const [s, row, column, channel] of [
      [0, 0, 0, 0],
      [1, 2, 1, 3],
      [0, 1, 3, 4],
    ]) {
      const value = at(view.features, s, row, column, channel);
      expect(at(maps.u, s, channel, 4 * row + column)).toBe(value);
      expect(at(places.u, s, 4 * row + column, channel)).toBe(value);
    }
    const moved = normalTensor('moved', shape);
    expect(at(maps.v(moved), 1, 3, 9)).toBe(at(moved, 1, 2, 1, 3));
    const before = tf.memory().numTensors;
    maps.keep((tensor) => {
      const kept = tf.gather(tensor, [1]);
      tensor.dispose();
      return kept;
    });
    expect(at(maps.u, 0, 3, 9)).toBe(at(view.features, 1, 2, 1, 3));
    maps.dispose();
    places.dispose();
    expect(tf.memory().numTensors).toBe(before - 2);
  });

  it('or random projections, whose correlation is the cosine of the images', () => {
    const before = tf.memory().numTensors;
    const image = normalTensor('image', [2, 3, 4, 1]);
    const view = { ...viewOf(normalTensor('view', shape)), x: image };
    const sampled = randomProjections(view, streamsFor(2));
    expect([sampled.of, sampled.map, sampled.u.shape]).toEqual(['x', undefined, [2, 500, 128]]);
    const rows = (tensor: tf.Tensor) => tensor.arraySync() as number[][][];
    const meanProduct = (a: number[], b: number[]) => a.reduce((sum, x, i) => sum + x * b[i], 0) / a.length;
    for (const row of rows(sampled.u)[1].slice(0, 3)) {
      expect(row.reduce((a, b) => a + b, 0)).toBeCloseTo(0, 3);
      expect(meanProduct(row, row)).toBeCloseTo(1, 4);
    }
    const correlation = (other: tf.Tensor4D, s: number) => {
      const [u, v] = [rows(sampled.u)[s], rows(sampled.v(other))[s]];
      return u.reduce((sum, row, i) => sum + meanProduct(row, v[i]), 0) / u.length;
    };
    const cosine = (a: tf.Tensor, b: tf.Tensor, s: number) => {
      const [x, y] = [a, b].map((one) => [...one.dataSync().slice(12 * s, 12 * s + 12)]);
      return meanProduct(x, y) / Math.sqrt(meanProduct(x, x) * meanProduct(y, y));
    };
    const other = normalTensor('other', [2, 3, 4, 1]);
    for (const moved of [image, tf.neg(image), other, tf.zerosLike(image)]) {
      for (const s of [0, 1]) {
        const expected = moved.dataSync().every((value) => value === 0) ? 0 : cosine(image, moved, s);
        expect(Math.abs(correlation(moved, s) - expected)).toBeLessThan(0.02);
      }
    }
    const length = rows(sampled.v(other))[0][7];
    expect(meanProduct(length, length)).toBeCloseTo(1, 4);
    const { x, a, b } = sampled.written.state();
    expect([x.shape, a.shape, b.shape]).toEqual([
      [2, 12],
      [2, 500, 128],
      [2, 500, 128],
    ]);
    const last = correlation(image, 1);
    sampled.keep((tensor) => {
      const kept = tf.gather(tensor, [1]);
      tensor.dispose();
      return kept;
    });
    expect(correlation(tf.slice(image, [1, 0, 0, 0], [1, -1, -1, -1]), 0)).toBeCloseTo(last, 6);
    expect(sampled.written.state().x.shape).toEqual([1, 12]);
    const held = tf.memory().numTensors;
    sampled.dispose();
    expect(tf.memory().numTensors).toBe(held - 4);
    expect(held).toBeGreaterThan(before);
  });
});

describe('networks', () => {
  const spread = async (tensor: tf.Tensor) => {
    const values = await numbers(tensor);
    return {
      largest: Math.max(...values.map(Math.abs)),
      deviation: Math.sqrt(values.reduce((s, x) => s + x * x, 0) / values.length),
    };
  };
  const dot = (a: number[], b: number[][], bias: number[]) =>
    bias.map((one, j) => a.reduce((sum, x, i) => sum + x * b[i][j], one));

  it('the reference: a convolution of 16 filters, then 512 and 10 units, in two branches, and a head', async () => {
    const critic = paperCritic(12, [3, 4], streamsFor(2));
    const branch = [
      [2, 4, 16],
      [2, 1, 16],
      [2, 96, 512],
      [2, 1, 512],
      [2, 512, 10],
      [2, 1, 10],
    ];
    expect(critic.parameters.map(({ shape }) => shape)).toEqual([...branch, ...branch, [2, 10, 1]]);
    expect(critic.rates).toEqual(Array(13).fill(1));
    // Glorot's uniform law, of fan-in and fan-out as Keras counts them.
    for (const [i, fans] of [
      [0, 4 + 64],
      [2, 96 + 512],
      [4, 512 + 10],
      [12, 10 + 1],
    ]) {
      const limit = Math.sqrt(6 / fans);
      const { largest } = await spread(critic.parameters[i]);
      expect(largest).toBeLessThanOrEqual(limit);
      expect(largest).toBeGreaterThan(0.8 * limit);
    }
    expect((await spread(critic.parameters[3])).largest).toBe(0);
    const theta = critic.parameters.map((parameter, i) => tf.mul(normal(`theta ${i}`, parameter.shape), 0.1));
    const x = normal('pictures', [2, 3, 12]) as tf.Tensor3D;
    const branchOf = (s: number, row: number, from: number) => {
      const [w, b, w2, b2, w3, b3] = theta
        .slice(from, from + 6)
        .map((one) => (one.arraySync() as number[][][])[s]);
      const picture = (x.arraySync() as number[][][])[s][row];
      const patches = [0, 1].flatMap((top) =>
        [0, 1, 2].map((left) =>
          [
            [0, 0],
            [0, 1],
            [1, 0],
            [1, 1],
          ].map(([y, z]) => picture[4 * (top + y) + left + z]),
        ),
      );
      const convolved = patches.flatMap((patch) => dot(patch, w, b[0]));
      return dot(dot(convolved, w2, b2[0]), w3, b3[0]);
    };
    const [left, right] = [critic.left(x, theta), critic.right(x, theta)].map((one) => one.arraySync());
    for (const [s, row] of [
      [0, 2],
      [1, 0],
    ]) {
      expect(left[s][row]).toEqual(near(branchOf(s, row, 0)));
      expect(right[s][row]).toEqual(near(branchOf(s, row, 6)));
    }
    const alone = theta.map((one) => tf.slice(one, 0, 1));
    const single = critic.left(tf.slice(x, 0, 1), alone).arraySync();
    expect(single[0][2]).toEqual(near(branchOf(0, 2, 0)));
  });

  it('the reference without pictures: no convolution', () => {
    const critic = paperCritic(8, undefined, streamsFor(1));
    const branch = [
      [1, 8, 512],
      [1, 1, 512],
      [1, 512, 10],
      [1, 1, 10],
    ];
    expect(critic.parameters.map(({ shape }) => shape)).toEqual([...branch, ...branch, [1, 10, 1]]);
    const x = normal('rows', [1, 2, 8]) as tf.Tensor3D;
    const [w, b, w2, b2] = critic.parameters.slice(4, 8).map((one) => (one.arraySync() as number[][][])[0]);
    const row = (x.arraySync() as number[][][])[0][1];
    expect(critic.right(x, critic.parameters).arraySync()[0][1]).toEqual(
      near(dot(dot(row, w, b[0]), w2, b2[0])),
    );
  });

  it('the collapsed one: entries as wide as the product of the matrices that it stands for', async () => {
    for (const [map, width] of [
      [[6, 6], 4 * 16 * (2 / (4 * 17)) * 512 * (2 / (400 + 512)) * (2 / 522)],
      [undefined, 512 * (2 / (36 + 512)) * (2 / 522)],
    ] as const) {
      const critic = fastCritic(36, map, streamsFor(3));
      expect(critic.parameters.map(({ shape }) => shape)).toEqual([
        [3, 36, 10],
        [3, 36, 10],
        [3, 1, 10],
        [3, 10, 1],
      ]);
      expect(critic.rates).toEqual([80, 80, 80, 1]);
      for (const i of [0, 1]) {
        const { deviation } = await spread(critic.parameters[i]);
        expect(Math.abs(deviation / Math.sqrt(width) - 1)).toBeLessThan(0.05);
      }
      expect((await spread(critic.parameters[2])).largest).toBe(0);
      expect((await spread(critic.parameters[3])).largest).toBeLessThan(Math.sqrt(6 / 11));
    }
  });

  it.each([
    ['collapsed', fastCritic],
    ['on positions', positionsCritic],
  ])('%s: uA on the left, vB + b on the right', (_, make) => {
    const critic = make(5, undefined, streamsFor(2));
    const theta = critic.parameters.map((parameter, i) => normal(`theta ${i}`, parameter.shape));
    const x = normal('samples', [2, 3, 5]) as tf.Tensor3D;
    const [a, b, bias] = theta.map((one) => one.arraySync() as number[][][]);
    const rows = x.arraySync();
    const [left, right] = [critic.left(x, theta).arraySync(), critic.right(x, theta).arraySync()];
    expect(left[1][2]).toEqual(
      near(
        dot(
          rows[1][2],
          a[1],
          bias[1][0].map(() => 0),
        ),
      ),
    );
    expect(right[1][2]).toEqual(near(dot(rows[1][2], b[1], bias[1][0])));
  });

  it('on positions: 16 units at one rate', async () => {
    const critic = positionsCritic(40, undefined, streamsFor(2));
    expect(critic.parameters.map(({ shape }) => shape)).toEqual([
      [2, 40, 16],
      [2, 40, 16],
      [2, 1, 16],
      [2, 16, 1],
    ]);
    expect(critic.rates).toEqual([1, 1, 1, 1]);
    const { largest } = await spread(critic.parameters[0]);
    expect(largest).toBeLessThanOrEqual(Math.sqrt(6 / 56));
    expect(largest).toBeGreaterThan(0.95 * Math.sqrt(6 / 56));
    expect((await spread(critic.parameters[3])).largest).toBeGreaterThan(0.9 * Math.sqrt(6 / 17));
  });
});

describe('MINE', () => {
  it('says what was estimated and how, and what a sample takes', () => {
    expect(mine({ network: 'fast' }).description).toBe(
      'MINE, fast network, sampling auto, marginals by shuffle, Adam 0.000015',
    );
    expect(mine({ network: 'positions', marginals: 'all-pairs', learningRate: 1 }).description).toBe(
      'MINE, positions network, positions of the first convolution, marginals by all-pairs, Adam 1',
    );
    expect(mine({ network: 'positions' }).description).toContain('Adam 0.005');
    expect(mine({ network: 'paper', sampling: 'conv' }).description).toContain(
      'sampling conv, marginals by shuffle, Adam 0.000015',
    );
    expect(mine({ network: 'paper' }).bytesPerSample([5, 7, 1])).toBe(44 * 2 * 4 * 6 * 16 * 512);
    expect(mine({ network: 'fast' }).bytesPerSample([5, 7, 1])).toBe(44 * 20 * 35);
    expect(mine({ network: 'positions' }).bytesPerSample([5, 7, 1])).toBe(44 * 32 * 35);
  });

  it.each([
    ['auto', 15, 'x'],
    ['auto', 16, 'features'],
    ['conv', 2, 'features'],
    ['random-sampling', 16, 'x'],
  ] as const)('with sampling %s of %i feature maps looks at %s', async (sampling, maps, of) => {
    const view = viewOf(normalTensor('view', [1, 3, 3, maps]));
    const session = await mine({ network: 'fast', sampling }).open(view, streamsFor(1));
    expect((await session.differentiate(view)).of).toBe(of);
    session.dispose();
  });

  it('takes all pairs of 128 samples, and of no more', async () => {
    const all = mine({ network: 'positions', marginals: 'all-pairs' });
    const view = (width: number) => viewOf(normalTensor('pairs', [1, 1, width, 2]));
    (await all.open(view(128), streamsFor(1))).dispose();
    const large = view(129);
    const before = tf.memory().numTensors;
    await expect(all.open(large, streamsFor(1))).rejects.toMatchObject({ code: 'mine-pairs' });
    expect(tf.memory().numTensors).toBe(before);
    (await mine({ network: 'positions' }).open(large, streamsFor(1))).dispose();
  });
});
