import * as tf from '@tensorflow/tfjs-core';
import { expect, it, vi } from 'vitest';
import { BatchRandom, misclassified, takeRows } from '@gauntlet/api';
import { CountedVictim, newLedger, openEngine } from '@gauntlet/core';
import type { Contribution, Estimator, View } from '@gauntlet/mutual-information';
import { linearOracle } from '@gauntlet/testing';
import { iterationsWithin, minmaxLoop, type MinMaxLoop } from './minmax-loop.js';

await openEngine('tfjs:wasm');
const oracle = linearOracle(4);
const size = oracle.images.length / 4;

interface Log {
  trained: number[];
  kept: number[][];
  disposed: number;
  /** Each batch of images that the estimator is asked about. */
  seen: Float32Array[];
}

/** I = −‖δ‖², or what `part` says, and a log of what the loop asks of it. */
function logging(log: Log, part?: (view: View) => Contribution): Estimator {
  return {
    name: 'squared',
    description: '−‖δ‖²',
    bytesPerSample: () => 0,
    open: async ({ x: clean }) => {
      let x = tf.keep(tf.clone(clean));
      const squared = ({ x: at }: View): Contribution => ({
        value: tf.neg(tf.sum(tf.square(tf.sub(at, x)), [1, 2, 3])),
        of: 'x',
        cotangent: tf.mul(tf.sub(at, x), -2),
      });
      return {
        estimate: async (view) => squared(view).value,
        async differentiate(view, steps = 0) {
          if (steps > 0) log.trained.push(steps);
          log.seen.push(((await view.x.data()) as Float32Array).slice());
          return (part ?? squared)(view);
        },
        async train(_, steps) {
          log.trained.push(steps);
        },
        keep(rows) {
          log.kept.push([...rows]);
          const kept = tf.keep(takeRows(x, rows));
          x.dispose();
          x = kept;
        },
        dispose() {
          log.disposed++;
          x.dispose();
        },
      };
    },
  };
}

/** The loop on some samples of the oracle; those in `met` aim at what the victim says already. */
async function run(
  rest: Partial<MinMaxLoop> = {},
  rows = [0, 1, 2, 3],
  met: number[] = [],
  part?: (view: View) => Contribution,
) {
  const log: Log = { trained: [], kept: [], disposed: 0, seen: [] };
  const labels = rows.map((row) => (met.includes(row) ? 1 - oracle.labels[row] : oracle.labels[row]));
  const images = rows.map((row) => [...oracle.images.subarray(row * size, (row + 1) * size)]);
  const x = tf.tensor4d(images.flat(), [rows.length, ...oracle.shape]);
  const before = tf.memory().numTensors;
  const { perturbed, similarity } = await minmaxLoop({
    victim: new CountedVictim(oracle.victim, newLedger(rows.length)),
    x,
    random: new BatchRandom(1, 'rows', rows),
    goal: (some) => misclassified(Int32Array.from(some, (i) => labels[i])),
    estimator: logging(log, part),
    sense: 1,
    alpha: 0.005,
    epsilon: 0.3,
    iterations: 6,
    mineSteps: 0,
    initialRadius: 0.01,
    keepImproving: true,
    beta: 0.1,
    initialC: 1,
    ...rest,
  });
  const left = tf.memory().numTensors - before;
  const values = (await perturbed.data()) as Float32Array;
  return { log, left, similarity, images, kept: rows.map((_, i) => values.slice(i * size, (i + 1) * size)) };
}

it('asks for features only if its similarity may look at them', async () => {
  const asked = vi.spyOn(CountedVictim.prototype, 'features');
  const { log } = await run({ iterations: 2 });
  // Those of the clean images, and of each perturbed batch.
  expect(asked).toHaveBeenCalledTimes(1 + log.seen.length);
  asked.mockClear();
  const estimator = logging(log);
  const open: Estimator['open'] = async (...given) => ({ ...(await estimator.open(...given)), of: 'x' });
  await run({ iterations: 2, estimator: { ...estimator, open } });
  expect(asked).toHaveBeenCalledTimes(1);
  asked.mockRestore();
});

it('trains Θ before the first step only for a warm-up, and as often as it is to before each further one', async () => {
  expect((await run({ iterations: 3, mineSteps: 5 })).log.trained).toEqual([5, 5, 5]);
  expect((await run({ iterations: 3, mineSteps: 5, warmUp: 7 })).log.trained).toEqual([7, 5, 5, 5]);
  expect((await run({ iterations: 3, mineSteps: 0 })).log.trained).toEqual([]);
});

it('lets a sample leave at its first success, and does to the others what it would do without it', async () => {
  const options = { keepImproving: false };
  const together = await run(options, [0, 1, 2, 3], [0, 2]);
  // Two succeed at the first look, the others later.
  expect(together.log.kept[0]).toEqual([1, 3]);
  expect(together.log.seen[1]).toHaveLength(2 * size);
  for (const row of [0, 1, 2, 3]) {
    const { kept } = await run(options, [row], [0, 2]);
    expect(together.kept[row]).toEqual(kept[0]);
  }
});

it('ends when all have succeeded, and goes on to its end if it is to improve', async () => {
  const all = [0, 1, 2, 3];
  expect((await run({ keepImproving: false }, all, all)).log.seen).toHaveLength(1);
  const on = await run({}, all, all);
  expect(on.log.seen).toHaveLength(7);
  expect(on.log.kept).toEqual([]);
});

it.each([true, false])(
  'leaves no tensor and no estimator open (keepImproving: %s)',
  async (keepImproving) => {
    const { log, left } = await run({ keepImproving }, [0, 1, 2, 3], [1]);
    expect(log.disposed).toBe(1);
    // What it returns.
    expect(left).toBe(1);
  },
);

it.each([1, -1] as const)('says how similar what it returns is (s = %d)', async (sense) => {
  const all = [0, 1, 2, 3];
  const { similarity, kept, images } = await run({ sense, initialRadius: 0.05 }, all, all);
  all.forEach((row) => {
    const squared = kept[row].reduce((sum, value, i) => sum + (value - images[row][i]) ** 2, 0);
    expect(similarity[row]).toBeCloseTo(-squared, 5);
  });
});

it("starts within the radius of the reference's initialiser if none is given, and never outside of epsilon", async () => {
  const [h, w, c] = oracle.shape;
  const start = async (initialRadius: number | null, epsilon: number) =>
    (await run({ initialRadius, epsilon, iterations: 1 })).log.seen[0];
  expect(await start(null, 1)).toEqual(await start(Math.sqrt(6 / (h * w + h * c)), 1));
  expect(await start(null, 0.01)).toEqual(await start(0.01, 1));
  expect(await start(0.5, 0.01)).toEqual(await start(0.01, 1));
});

it.each([1, -1] as const)(
  'follows a similarity of feature maps through the victim (s = %d)',
  async (sense) => {
    const ramp = (like: tf.Tensor4D): tf.Tensor4D =>
      tf.reshape(tf.range(0, like.size / like.shape[0]), [1, ...like.shape.slice(1)] as typeof like.shape);
    /** I = ⟨ramp, features⟩ / 10⁴, linear in the image for this victim. */
    const part = ({ features }: View): Contribution => {
      const cotangent = tf.mul(tf.onesLike(features), tf.mul(ramp(features), 1e-4)) as tf.Tensor4D;
      return { value: tf.sum(tf.mul(cotangent, features), [1, 2, 3]), of: 'features', cotangent };
    };
    const alpha = 0.01;
    const { log } = await run({ sense, alpha, initialC: 0, beta: 1e-9, iterations: 1 }, [0], [0], part);
    const [first, second] = log.seen;
    const identity = tf.reshape(tf.eye(size), [size, ...oracle.shape]) as tf.Tensor4D;
    const at = async (x: tf.Tensor4D) => await part({ x, ...(await oracle.victim.features(x)) }).value.data();
    const [zero] = await at(tf.zeros([1, ...oracle.shape]));
    const slopes = [...(await at(identity))].map((value) => value - zero);
    expect(Math.max(...slopes)).toBeGreaterThan(0.01);
    slopes.forEach((slope, i) => expect((second[i] - first[i]) / alpha).toBeCloseTo(sense * slope, 3));
  },
);

it('takes a pass more than it takes steps, and one step at least', () => {
  expect(iterationsWithin({ gradients: 10 })).toBe(9);
  expect(iterationsWithin({ gradients: 10, forwards: 6 })).toBe(5);
  expect(iterationsWithin({ forwards: 6 })).toBe(5);
  expect(iterationsWithin({ gradients: 1 })).toBe(1);
});
