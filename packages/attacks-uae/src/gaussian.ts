// Hsu et al., AAAI 2022, the control of their augmentation: x′ = clip(x + σ n), n standard normal.
import { defineAttack, type ParamsInput, tf } from '@gauntlet/api';

const params = {
  type: 'object',
  additionalProperties: false,
  required: ['sigma'],
  properties: {
    sigma: { type: 'number', minimum: 0, description: 'σ: standard deviation, in input units' },
  },
} as const;

export type GaussianParams = ParamsInput<typeof params>;

/** One draw of Gaussian noise, clipped to the box: common data augmentation, and a control. */
export const gaussian = defineAttack({
  name: 'gaussian',
  version: 1,
  victim: 'any',
  reference: 'none: a control',
  description: 'One draw of Gaussian noise, clipped to the box',
  params,
  usesGradients: false,
  goals: 'standard',
  threat: () => ({ norm: 'none', epsilon: 0 }),
  async perturb({ victim, x, params, random }) {
    const noise = random.tensor('noise', x.shape.slice(1), (stream) => stream.normal());
    const [low, high] = victim.bounds;
    return { perturbed: tf.clipByValue(tf.add(x, tf.mul(noise, params.sigma)), low, high) };
  },
});
