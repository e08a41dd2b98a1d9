// Rony, Hafemann, Oliveira, Ben Ayed, Sabourin, Granger, "Decoupling Direction and Norm for Efficient Gradient-Based L2
// Adversarial Attacks and Defenses", CVPR 2019, algorithm 1, without its rounding to 256 levels:
//   δ ← δ + α_k ∇L / ‖∇L‖;  ε_k = (1 − γ) ε_{k−1} where the last point succeeds, (1 + γ) ε_{k−1} elsewhere
//   δ ← ε_k δ / ‖δ‖, inside the box.  α_k falls from 1 to 0.01 along a cosine; ε_0 = 1.
import {
  BestSoFar,
  defineAttack,
  isMet,
  norms,
  type ParamsInput,
  scaleRows,
  targetParam,
  tidyAsync,
  tf,
} from '@gauntlet/api';
import { annealed } from './annealed.js';
import { boundedThreat, boundParam, stepsWithin } from './bound.js';
import { look } from './look.js';
import { lossParam } from './loss-param.js';
import { ascendsGoal, assertClasses, lossComplaints, lossOf } from './losses.js';

const params = {
  type: 'object',
  additionalProperties: false,
  properties: {
    ...boundParam,
    steps: { type: 'integer', minimum: 1, default: 100, description: 'Gradient steps' },
    gamma: {
      type: 'number',
      exclusiveMinimum: 0,
      exclusiveMaximum: 1,
      default: 0.05,
      description: 'γ: share by which the length changes at a step',
    },
    initialLength: {
      type: 'number',
      exclusiveMinimum: 0,
      default: 1,
      description: 'ε_0: length of the first perturbation, in input units',
    },
    ...lossParam,
    ...targetParam,
  },
} as const;

export type DdnParams = ParamsInput<typeof params>;

/** Decoupled direction and norm. */
export const ddn = defineAttack({
  name: 'ddn',
  version: 1,
  victim: 'classifier',
  reference: 'Rony et al., CVPR 2019, algorithm 1',
  description: 'The shortest perturbation in L2: its length follows the boundary',
  params,
  usesGradients: true,
  goals: 'any',
  complaints: lossComplaints('ddn'),
  shortest: () => 'l2',
  threat: ({ epsilon, target }) => boundedThreat({ norm: 'l2', epsilon, target }),
  within: stepsWithin,
  async perturb(context) {
    const { victim, x, targets, goalSource, params } = context;
    assertClasses(params.loss, victim.classes, targets !== undefined);
    const n = x.shape[0];
    const { steps, gamma } = params;
    const longest = params.epsilon ?? Infinity;
    const best = new BestSoFar((await x.data()) as Float32Array, n);
    const rows = [...Array(n).keys()];
    const length = new Float64Array(n).fill(Math.min(params.initialLength, longest));
    const asked = { loss: lossOf(params.loss, context, rows), isGoal: ascendsGoal(params.loss, goalSource) };
    let delta = tf.zerosLike(x);
    // One pass more than there are steps: the last one only looks at where the last step led.
    for (let k = 0; k <= steps; k++) {
      const next = await tidyAsync(async () => {
        const at: tf.Tensor4D = tf.add(x, delta);
        const lengths = norms.l2.length(delta);
        const { f, gradient, also } = await look(context, rows, at, {
          ...asked,
          last: k === steps,
          also: lengths,
        });
        await best.offer(
          rows,
          at,
          f,
          also!.map((one) => -one),
        );
        if (!gradient) return delta;
        for (const row of rows)
          length[row] = Math.min(longest, length[row]! * (isMet(f[row]!) ? 1 - gamma : 1 + gamma));
        const step = tf.mul(norms.l2.direction(gradient), annealed(1, 0.01, k / steps));
        const stepped = norms.l2.direction(tf.add(delta, step));
        const moved = tf.add(x, scaleRows(stepped, tf.tensor1d([...length])));
        return tf.sub(tf.clipByValue(moved, ...(victim.bounds as [number, number])), x) as tf.Tensor4D;
      });
      if (next !== delta) delta.dispose();
      delta = next;
    }
    delta.dispose();
    return { perturbed: tf.tensor4d(best.images(), x.shape) };
  },
});
