import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import {
  type Attack,
  type AttackContext,
  type Criterion,
  defineAttack,
  exactSign,
  misclassified,
  standardGoal,
  type VictimOutputs,
} from '@gauntlet/api';
import { conformance } from '@gauntlet/testing';

type Objective = Parameters<AttackContext<unknown, 'any'>['victim']['differentiate']>[1];

/** One step of length ε down the sign of an objective's gradient, by an attack that claims to pursue any goal. */
const claims = (descend: (context: AttackContext<unknown, 'any'>) => Promise<Objective>) =>
  defineAttack({
    name: 'claims',
    version: 1,
    victim: 'any',
    goals: 'any',
    reference: 'none: a test',
    description: 'One step',
    params: { type: 'object', additionalProperties: false, properties: { epsilon: { type: 'number' } } },
    usesGradients: true,
    threat: ({ epsilon = 0 }) => ({ norm: 'linf', epsilon }),
    async perturb(context) {
      const { victim, x, params } = context;
      const { gradient } = await victim.differentiate(x, await descend(context));
      const step = tf.mul(tf.sign(gradient), params.epsilon!);
      return { perturbed: tf.clipByValue(tf.sub(x, step), 0, 1) };
    },
  });

const all = (x: tf.Tensor) => [...Array(x.shape[0]).keys()];

const valueOf =
  (criterion: Criterion<VictimOutputs>): Objective =>
  (outputs) =>
    criterion.value(outputs);

const truthful = claims(async ({ x, goal }) => valueOf(goal(all(x))));
const alongCrossEntropy = claims(
  async ({ labels }) =>
    ({ logits }) =>
      tf.sub(
        tf.sum(tf.mul(logits, tf.oneHot(tf.tensor1d(labels!, 'int32'), logits.shape[1])), 1),
        tf.logSumExp(logits, 1),
      ),
);
const alongMargin = claims(async ({ labels }) => valueOf(misclassified(labels!)));
const alongReconstruction = claims(async ({ x }) => {
  const goal = standardGoal({ kind: 'autoencoder', x, cleanLoss: new Float64Array(x.shape[0]) });
  return valueOf(goal(all(x)));
});

describe('the kit holds an attack that claims any goal to it', () => {
  for (const kind of ['classifier', 'autoencoder'] as const) {
    const pursues = (attack: Attack) =>
      conformance({
        attack,
        victim: kind,
        classes: 3,
        params: (norm, epsilon) => (norm === 'linf' ? { epsilon } : undefined),
      })
        .find(({ name }) => name.includes("pursues a goal of the spec's"))!
        .run();

    it(`${kind}: one that minimises its criterion passes`, () => pursues(truthful));

    const others: Record<string, Attack> =
      kind === 'classifier' ? { alongCrossEntropy, alongMargin } : { alongReconstruction };
    for (const [name, attack] of Object.entries(others))
      it(`${kind}: one that goes ${name} does not`, () =>
        expect(pursues(attack)).rejects.toThrow(
          /the criterion of sample \d goes from (1|0\.99)\d* to [1-9]/,
        ));
  }
});

it('the kit says so where it is given no norm to test', () =>
  expect(() => conformance({ attack: truthful, params: () => undefined })).toThrow(
    'params gives nothing for linf, l2 and l1, so nothing of claims would be tested.',
  ));

describe('the kit says what is wrong and what to look at', () => {
  /** Steps of ε/4 along a direction that is made of the gradient of the goal. */
  const steps = (
    direction: (gradient: tf.Tensor4D, context: AttackContext<unknown, 'any'>) => tf.Tensor,
    more: Partial<Attack> = {},
  ): Attack => ({
    ...defineAttack({
      name: 'steps',
      version: 1,
      victim: 'classifier',
      goals: 'any',
      reference: 'none: a test',
      description: 'Four steps',
      params: { type: 'object', additionalProperties: false, properties: { epsilon: { type: 'number' } } },
      usesGradients: true,
      threat: ({ epsilon = 0 }) => ({ norm: 'linf', epsilon }),
      async perturb(context) {
        const { victim, x, goal, params } = context;
        let delta = tf.zerosLike(x);
        for (let step = 0; step < 4; step++) {
          const { gradient } = await victim.differentiate(tf.add(x, delta), (outputs) =>
            goal(all(x)).value(outputs),
          );
          const way = direction(gradient, context as AttackContext<unknown, 'any'>);
          delta = tf.add(delta, tf.mul(way, params.epsilon! / 4));
        }
        return { perturbed: tf.clipByValue(tf.add(x, delta), 0, 1) };
      },
    }),
    ...more,
  });
  const down = (gradient: tf.Tensor4D) => tf.neg(exactSign(gradient));
  const lengthOf = (gradient: tf.Tensor) => tf.sum(tf.abs(gradient), [1, 2, 3], true);
  const failure = async (attack: Attack, part: string) => {
    const params = (norm: string, epsilon: number) => (norm === 'linf' ? { epsilon } : undefined);
    const found = conformance({ attack, params }).find(({ name }) => name.includes(part))!;
    const error = await found.run().then(
      () => undefined,
      (thrown: Error & { actual?: unknown; expected?: unknown }) => thrown,
    );
    // With these, a runner prints all of their values.
    expect([error?.actual, error?.expected]).toEqual([undefined, undefined]);
    return error?.message;
  };

  for (const [part, wrong, message] of [
    [
      '1.25 × the optimum',
      steps((gradient) => exactSign(gradient)),
      /^the shortest perturbation that breaks sample 0 has the length 0\.\d+; with an epsilon of 0\.\d+ the attack does not break it\. Does it go the wrong way/,
    ],
    [
      'inside box and epsilon',
      steps((gradient) => tf.mul(down(gradient), 1.5)),
      /^sample 0 leaves the ball by 0\.01 at epsilon 0\.02$/,
    ],
    [
      'same bytes',
      steps((gradient) => tf.mul(down(gradient), Math.random())),
      /^two runs with one seed differ \(sample 0\): draw from random, never from Math\.random/,
    ],
    [
      'batch size or order',
      steps((gradient) => tf.div(gradient, tf.mul(-1, tf.max(gradient)))),
      /^sample \d becomes another .* no sum or mean may go over the batch\.$/,
    ],
    ['epsilon 0', steps((gradient) => tf.fill(gradient.shape, Infinity)), /^with epsilon 0, sample 0 is not/],
    [
      'gradient of zero',
      steps((gradient) => {
        const known = tf.div(gradient, lengthOf(gradient));
        return tf.neg(tf.where(tf.isNaN(known), 0, known));
      }),
      undefined,
    ],
    [
      'gradient of zero',
      momentum((gradient) => tf.div(gradient, lengthOf(gradient))),
      /^it .*\. Does it divide by the length of a gradient that is zero\?/,
    ],
    [
      'gradient of zero',
      momentum((gradient) => tf.div(gradient, tf.maximum(lengthOf(gradient), 1e-12))),
      undefined,
    ],
    [
      'describes itself',
      steps(down, { version: '1.0' as never }),
      '"version" has to be a whole number, found "1.0"',
    ],
    [
      'describes itself',
      steps(down, { reference: undefined }),
      '"reference" has to be a text, found nothing',
    ],
    ['describes itself', steps(down), undefined],
  ] as const)
    it(`${part}: ${String(message)}`, async () => {
      const told = await failure(wrong, part);
      if (message instanceof RegExp) expect(told).toMatch(message);
      else expect(told).toBe(message);
    });

  /** Momentum of normalised gradients (Dong et al. 2018); the state begins anew with each call. */
  function momentum(normalise: (gradient: tf.Tensor4D) => tf.Tensor): Attack {
    const sums = new WeakMap<object, tf.Tensor>();
    return steps((gradient, context) => {
      const sum = tf.add(sums.get(context) ?? tf.zerosLike(gradient), normalise(gradient));
      sums.set(context, sum);
      return down(sum as tf.Tensor4D);
    });
  }
});
