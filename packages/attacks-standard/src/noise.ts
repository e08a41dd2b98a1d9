// No paper: the floor that every attack must beat. δ has length ε and a random direction:
//   L∞ uniform in ±ε, L2 Gaussian scaled to length ε, L1 Laplace scaled to length ε.
import {
  type BatchRandom,
  BestSoFar,
  defineAttack,
  exactSign,
  type NormName,
  norms,
  type ParamsInput,
  predictFor,
  scaleRows,
  stayInside,
  takeRows,
  targetParam,
  threatParams,
  tidyAsync,
  tf,
} from '@gauntlet/api';

const params = {
  type: 'object',
  additionalProperties: false,
  required: ['epsilon'],
  properties: {
    ...threatParams,
    draws: {
      type: 'integer',
      minimum: 1,
      default: 1,
      description: 'Tries per sample; the first success is kept',
    },
    ...targetParam,
  },
} as const;

export type NoiseParams = ParamsInput<typeof params>;

function draw(name: NormName, random: BatchRandom, shape: readonly number[], epsilon: number): tf.Tensor4D {
  if (name === 'linf')
    return random.tensor('noise', shape, (stream) => stream.uniform(-epsilon, epsilon)) as tf.Tensor4D;
  return tf.tidy(() => {
    let direction = random.tensor('noise', shape, (stream) => stream.normal()) as tf.Tensor4D;
    // The absolute value of a Laplace variable is exponential: −log U, here from the normal's own distribution.
    if (name === 'l1')
      direction = tf.mul(
        exactSign(direction),
        random.tensor('size', shape, (stream) => -Math.log(1 - stream.uniform())),
      );
    return scaleRows(direction, tf.div(epsilon, tf.maximum(norms[name].length(direction), 1e-12)));
  });
}

/** Random noise of the same length as an attack's perturbation. */
export const noise = defineAttack({
  name: 'noise',
  version: 1,
  victim: 'any',
  reference: 'none: a control',
  description: 'Random noise of length epsilon: the floor every attack must beat',
  params,
  usesGradients: false,
  goals: 'any',
  threat: ({ norm, epsilon, target }) => ({ norm, epsilon, target }),
  within: (params, { forwards = params.draws }) => ({ ...params, draws: forwards }),
  async perturb({ victim, x, goal, goalSource, params, random }) {
    const n = x.shape[0];
    const best = new BestSoFar((await x.data()) as Float32Array, n);
    const all = [...Array(n).keys()];
    for (let i = 0; i < params.draws && !best.success.every(Boolean); i++) {
      const rows = all.filter((row) => !best.success[row]);
      await tidyAsync(async () => {
        const delta = draw(params.norm, random.part(`draw-${i}`), x.shape.slice(1), params.epsilon);
        const noisy = stayInside(x, delta, norms[params.norm], params.epsilon, victim.bounds);
        const tried = takeRows(noisy, rows);
        const outputs = await predictFor(goalSource, victim.rows(rows), tried);
        const criterion = await goal(rows).value(outputs).data();
        await best.offer(rows, tried, criterion, criterion);
      });
    }
    return { perturbed: tf.tensor4d(best.images(), x.shape) };
  },
});
