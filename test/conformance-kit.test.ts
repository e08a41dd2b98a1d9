import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import {
  type Attack,
  type AttackContext,
  type Criterion,
  defineAttack,
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
