// halfway.mjs — use: ./halfway.mjs
import * as tf from '@tensorflow/tfjs-core';
import { defineAttack, exactSign, misclassified, stayInside, norms } from '@gauntlet/core';

export default defineAttack({
  name: 'halfway',
  version: 1,
  victim: 'classifier',
  reference: 'none: an example',
  description: 'Two half steps along the sign of the margin’s gradient',
  params: {
    type: 'object',
    additionalProperties: false,
    required: ['epsilon'],
    properties: { epsilon: { type: 'number', minimum: 0, description: 'L∞, in input units' } },
  },
  usesGradients: true,
  threat: ({ epsilon }) => ({ norm: 'linf', epsilon }),
  async perturb({ victim, x, labels, params: { epsilon } }) {
    const goal = misclassified(labels); // f ≤ 0 where the goal is met
    let delta = tf.zerosLike(x);
    for (let step = 0; step < 2; step++) {
      const { gradient } = await victim.differentiate(tf.add(x, delta), (outputs) => goal.value(outputs));
      delta = tf.sub(delta, tf.mul(exactSign(gradient), epsilon / 2));
    }
    return { perturbed: stayInside(x, delta, norms.linf, epsilon, victim.bounds) };
  },
});
