// halfway.mjs — use: ./halfway.mjs
import { defineAttack, exactSign, stayInside, norms, tf } from '@gauntlet/api';

export default defineAttack({
  name: 'halfway',
  version: 1,
  victim: 'classifier',
  reference: 'none: an example',
  description: 'Two half steps down the sign of the goal’s gradient',
  params: {
    type: 'object',
    additionalProperties: false,
    required: ['epsilon'],
    properties: { epsilon: { type: 'number', minimum: 0, description: 'L∞, in input units' } },
  },
  usesGradients: true,
  goals: 'any',
  threat: ({ epsilon }) => ({ norm: 'linf', epsilon }),
  async perturb({ victim, x, goal, params: { epsilon } }) {
    const criterion = goal([...Array(x.shape[0]).keys()]); // of all samples: f ≤ 0 where the goal is met
    let delta = tf.zerosLike(x);
    for (let step = 0; step < 2; step++) {
      const { gradient } = await victim.differentiate(tf.add(x, delta), (outputs) =>
        criterion.value(outputs),
      );
      delta = tf.sub(delta, tf.mul(exactSign(gradient), epsilon / 2));
    }
    return { perturbed: stayInside(x, delta, norms.linf, epsilon, victim.bounds) };
  },
});
