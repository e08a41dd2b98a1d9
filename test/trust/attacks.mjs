// Attacks with one thing wrong, and data that a spec may be written for by mistake.
import * as tf from '@tensorflow/tfjs-core';
import { defineAttack, defineDataset, norms, stayInside } from '@gauntlet/api';
import { syntheticDigits } from '@gauntlet/zoo';

const params = {
  type: 'object',
  additionalProperties: false,
  required: ['epsilon'],
  properties: {
    epsilon: { type: 'number' },
    steps: { type: 'integer', default: 10 },
    stepSize: { type: 'number', default: 0.05 },
    restarts: { type: 'integer', default: 1 },
  },
};

const attack = (name, perturb) =>
  defineAttack({
    name,
    version: 1,
    victim: 'classifier',
    reference: 'none: planted',
    description: `PGD, but it ${name}`,
    params,
    usesGradients: true,
    goals: 'any',
    threat: ({ epsilon }) => ({ norm: 'linf', epsilon }),
    perturb,
  });

/** Steps along the signs of the goal's gradient: down by default. */
async function descend({ victim, x, goal, params: { epsilon, steps, stepSize } }, sign = -1) {
  const rows = [...Array(x.shape[0]).keys()];
  let current = x;
  for (let step = 0; step < steps; step++) {
    const { gradient } = await victim.differentiate(current, (outputs) => goal(rows).value(outputs));
    const delta = tf.sub(tf.add(current, tf.mul(tf.sign(gradient), sign * stepSize)), x);
    current = stayInside(x, delta, norms.linf, epsilon, victim.bounds);
  }
  // The last step is looked at too.
  await victim.predict(current);
  return current;
}

export default [
  attack('does nothing', ({ x }) => Promise.resolve({ perturbed: tf.clone(x) })),
  attack('forgets its best', async (context) => {
    const end = await descend(context);
    return { perturbed: tf.add(context.x, tf.mul(tf.sub(end, context.x), 0.01)) };
  }),
  attack('goes the wrong way', async (context) => ({ perturbed: tf.clone(await descend(context, 1)) })),
  attack('works', async (context) => ({ perturbed: tf.clone(await descend(context)) })),
  attack('is lazy', async (context) => {
    const end = await descend(context);
    return { perturbed: tf.add(context.x, tf.mul(tf.sub(end, context.x), 1e-3)) };
  }),
  attack('gives up beyond 0.1', async (context) => {
    const { epsilon } = context.params;
    const end = await descend(
      { ...context, params: { ...context.params, steps: 5 } },
      epsilon > 0.1 ? 1 : -1,
    );
    return { perturbed: tf.clone(end) };
  }),
  defineDataset({
    name: 'floats',
    version: 1,
    description: 'Digits as numbers from 0 to 1, whatever the bounds are',
    params: { type: 'object', additionalProperties: false, properties: {} },
    load: () => {
      const source = syntheticDigits(100, 1);
      return { ...source, pixels: (i) => Float32Array.from(source.pixels(i), (value) => value / 255) };
    },
  }),
  defineDataset({
    name: 'mislabelled',
    version: 1,
    description: 'Digits, each with the label of the next class',
    params: { type: 'object', additionalProperties: false, properties: {} },
    load: () => {
      const source = syntheticDigits(100, 1);
      return { ...source, labels: source.labels.map((label) => (label + 1) % 10) };
    },
  }),
];
