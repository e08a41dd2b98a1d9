// Goodfellow, Shlens, Szegedy, "Explaining and Harnessing Adversarial Examples", ICLR 2015:
//   x' = x + ε · sign(∇_x L(θ, x, y)); for other norms the unit vector of steepest ascent takes the place of the sign.
import {
  defineAttack,
  norms,
  type ParamsInput,
  stayInside,
  targetParam,
  threatParams,
  tf,
} from '@gauntlet/api';
import { lossParam } from './loss-param.js';
import { assertClasses, lossComplaints, lossOf } from './losses.js';

const params = {
  type: 'object',
  additionalProperties: false,
  required: ['epsilon'],
  properties: {
    ...threatParams,
    ...lossParam,
    ...targetParam,
  },
} as const;

export type FgsmParams = ParamsInput<typeof params>;

/** Fast gradient (sign) method: one step of length ε. */
export const fgsm = defineAttack({
  name: 'fgsm',
  version: 1,
  victim: ['classifier', 'encoder'],
  reference: 'Goodfellow et al., ICLR 2015, section 4',
  description: 'One gradient step of length epsilon',
  params,
  usesGradients: true,
  goals: 'any',
  complaints: lossComplaints('fgsm'),
  threat: ({ norm, epsilon, target }) => ({ norm, epsilon, target }),
  async perturb({ victim, x, params, ...batch }) {
    assertClasses(params.loss, victim.classes, batch.targets !== undefined);
    const norm = norms[params.norm];
    const rows = [...Array(x.shape[0]).keys()];
    const { gradient } = await victim.differentiate(x, lossOf(params.loss, batch, rows));
    const delta = tf.mul(norm.direction(gradient), params.epsilon) as tf.Tensor4D;
    return { perturbed: stayInside(x, delta, norm, params.epsilon, victim.bounds) };
  },
});
