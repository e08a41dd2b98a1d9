import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Attack, BatchRandom, type Goal, misclassified } from '@gauntlet/api';
import { checkAgainst, CountedVictim, newLedger, openEngine } from '@gauntlet/core';
import { gaussian, similarityOf } from '@gauntlet/mutual-information';
import { linearOracle } from '@gauntlet/testing';
import attacks, { minmax, penalty } from './index.js';
import { minmaxLoop, type MinMaxLoop } from './minmax-loop.js';

beforeAll(async () => {
  await openEngine('tfjs:wasm');
});

/** c and f of each pass, [n] each. */
interface Pass {
  c: number[];
  f: number[];
}

/** A victim that shows the weights of the objectives that it is asked for. */
const showing = (victim: CountedVictim, passes: Pass[]): CountedVictim =>
  new Proxy(victim, {
    get(target, name) {
      if (name === 'rows')
        return (rows: readonly number[]) => showing(target.rows(rows) as CountedVictim, passes);
      const value = Reflect.get(target, name, target) as unknown;
      if (typeof value !== 'function') return value;
      if (name !== 'differentiate') return value.bind(target) as unknown;
      return async (...asked: Parameters<CountedVictim['differentiate']>) => {
        const found = await target.differentiate(...asked);
        const { c, f } = found.aux as unknown as Record<'c' | 'f', tf.Tensor>;
        passes.push({ c: [...(await c.data())], f: [...(await f.data())] });
        return found;
      };
    },
  });

async function run(attack: Attack, given: Record<string, unknown>, goalOf?: (labels: Int32Array) => Goal) {
  const oracle = linearOracle(3);
  const params = structuredClone({ similarity: 'gaussian', ...given });
  expect(checkAgainst(attack.params, params)).toEqual([]);
  const passes: Pass[] = [];
  const goal =
    goalOf?.(oracle.labels) ?? ((rows) => misclassified(Int32Array.from(rows, (i) => oracle.labels[i])));
  const context = {
    victim: showing(new CountedVictim(oracle.victim, newLedger(3)), passes),
    x: tf.tensor4d(oracle.images, [3, ...oracle.shape]),
    goal,
    random: new BatchRandom(1, 'attacks', [0, 1, 2]),
  };
  const { perturbed, ownEstimate } = await attack.perturb({
    ...context,
    labels: oracle.labels,
    goalSource: 'standard',
    params,
  });
  return { passes, context, params, values: await perturbed.data(), ownEstimate };
}

it('both attacks come with the package, follow gradients and keep to their epsilon', () => {
  expect(attacks).toEqual([minmax, penalty]);
  for (const attack of [minmax, penalty]) {
    expect(attack.usesGradients).toBe(true);
    expect(attack.threat({ epsilon: 0.3, target: 2 })).toEqual({ norm: 'linf', epsilon: 0.3, target: 2 });
    const shape = [8, 8, 1] as const;
    for (const similarity of ['gaussian', 'fast'] as const)
      expect(attack.bytesPerSample!({ similarity }, shape)).toBe(
        similarityOf({ similarity }).bytesPerSample(shape),
      );
  }
});

describe('a budget', () => {
  it('leaves MinMax the steps that it pays for', () => {
    expect(minmax.within!({ beta: 0.1, iterations: 99 }, { gradients: 11 })).toEqual({
      beta: 0.1,
      iterations: 10,
    });
  });

  it('is shared evenly by the searches of the penalty attack, of which each takes two passes at least', () => {
    const within = (searches: number, budget: object) => penalty.within!({ alpha: 1, searches }, budget);
    expect(within(9, { gradients: 100 })).toEqual({ alpha: 1, searches: 9, iterations: 10 });
    expect(within(9, { gradients: 100, forwards: 45 })).toEqual({ alpha: 1, searches: 9, iterations: 4 });
    expect(within(9, { forwards: 45 })).toEqual({ alpha: 1, searches: 9, iterations: 4 });
    expect(within(9, { gradients: 7 })).toEqual({ alpha: 1, searches: 3, iterations: 1 });
    expect(within(9, { gradients: 1 })).toEqual({ alpha: 1, searches: 1, iterations: 1 });
  });
});

it('MinMax is its loop with the similarity that it names, and says how similar its result is', async () => {
  const given = { iterations: 6, mineSteps: 1, epsilon: 0.3, alpha: 0.02, initialC: 1 };
  const { context, params, values, ownEstimate } = await run(minmax, given);
  const settings = params as unknown as Omit<MinMaxLoop, keyof typeof context | 'estimator' | 'sense'>;
  const loop = await minmaxLoop({ ...context, ...settings, estimator: gaussian, sense: 1 });
  expect(values).toEqual(await loop.perturbed.data());
  expect(ownEstimate).toEqual({ mi: loop.similarity, estimator: gaussian.description });
});

describe('the penalty attack', () => {
  /** The first sample has succeeded from the beginning, and the last one never will. */
  const goalOf = (labels: Int32Array) => (rows: readonly number[]) => {
    const criterion = misclassified(Int32Array.from(rows, (i) => (i === 0 ? 1 - labels[i] : labels[i])));
    const out = tf.tensor1d(rows.map((i) => (i === 2 ? 1000 : 0)));
    return { name: 'goal', value: (outputs: never) => tf.add(criterion.value(outputs), out) as tf.Tensor1D };
  };
  const given = { searches: 7, iterations: 2, mineSteps: 1, epsilon: 0.05, alpha: 0.02, initialC: 4e-3 };

  it('raises c tenfold until a sample succeeds, and then halves the way between failure and success', async () => {
    const { passes } = await run(penalty, given, goalOf as never);
    expect(passes).toHaveLength(7 * 3);
    const bracket = [0, 1, 2].map(() => ({ c: 4e-3, lower: 0, upper: Infinity }));
    const successes: boolean[] = [];
    for (let round = 0; round < 7; round++) {
      const some = passes.slice(3 * round, 3 * round + 3);
      bracket.forEach((at, i) => {
        for (const { c } of some) expect(c[i] / at.c).toBeCloseTo(1, 5);
        const success = some.some(({ f }) => f[i] <= 0);
        if (i === 1) successes.push(success);
        if (success) at.upper = at.c;
        else at.lower = at.c;
        at.c = at.upper === Infinity ? 10 * at.c : (at.lower + at.upper) / 2;
      });
    }
    expect(successes.slice(0, 2)).toEqual([false, true]);
    expect(new Set(successes.slice(2)).size).toBe(2);
    expect(bracket.map(({ upper }) => upper < Infinity)).toEqual([true, true, false]);
  });

  it('returns the success with the largest similarity, of all searches', async () => {
    const { values, context, ownEstimate } = await run(penalty, given, goalOf as never);
    const clean = await context.x.data();
    const size = clean.length / 3;
    expect(values.slice(size, 2 * size)).not.toEqual(clean.slice(size, 2 * size));
    expect(ownEstimate!.estimator).toBe(gaussian.description);
    const few = await run(penalty, { ...given, searches: 2 }, goalOf as never);
    for (const i of [0, 1]) expect(ownEstimate!.mi[i]).toBeGreaterThanOrEqual(few.ownEstimate!.mi[i]);
    expect(ownEstimate!.mi[0] + ownEstimate!.mi[1]).toBeGreaterThan(
      few.ownEstimate!.mi[0] + few.ownEstimate!.mi[1],
    );
  });
});
