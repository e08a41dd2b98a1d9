// Madry, Makelov, Schmidt, Tsipras, Vladu, "Towards Deep Learning Models Resistant to Adversarial Attacks", ICLR 2018:
//   x_{t+1} = Π_{x+S} ( x_t + α · direction(∇_x L(θ, x_t, y)) )
import {
  type BatchRandom,
  BestSoFar,
  defineAttack,
  isMet,
  norms,
  type ParamsInput,
  type ParamsOf,
  stayInside,
  takeRows,
  targetParam,
  threatParams,
  tidyAsync,
  tf,
} from '@gauntlet/api';
import { look, type Scene } from './look.js';
import { lossParam } from './loss-param.js';
import { ascendsGoal, assertClasses, lossComplaints, lossOf } from './losses.js';
import { withRestarts } from './restarts.js';
import { runsWithin } from './runs-within.js';

const params = {
  type: 'object',
  additionalProperties: false,
  required: ['epsilon'],
  properties: {
    ...threatParams,
    steps: { type: 'integer', minimum: 1, default: 100, description: 'Gradient steps of a run' },
    stepSize: {
      anyOf: [{ type: 'number', exclusiveMinimum: 0 }, { type: 'null' }],
      default: null,
      description: 'α, in input units; null: 2.5 · epsilon / steps',
    },
    randomStart: { type: 'boolean', default: true, description: 'Start at a random point of the ball' },
    restarts: {
      type: 'integer',
      minimum: 1,
      default: 5,
      description: 'Runs with another random start for samples that held; the best of all is kept',
    },
    ...lossParam,
    keepImproving: {
      type: 'boolean',
      default: false,
      description: 'Do all steps and keep the largest loss; false: a sample leaves at its first success',
    },
    ...targetParam,
  },
} as const;

export type PgdParams = ParamsInput<typeof params>;

/** Projected gradient descent. */
export const pgd = defineAttack({
  name: 'pgd',
  version: 1,
  victim: ['classifier', 'encoder'],
  reference: 'Madry et al., ICLR 2018, section 2.1',
  description: 'Projected gradient ascent on the loss: the baseline',
  params,
  usesGradients: true,
  goals: 'any',
  complaints: lossComplaints('pgd'),
  threat: ({ norm, epsilon, target }) => ({ norm, epsilon, target }),
  takesExamples: ({ keepImproving }) => !keepImproving,
  within: (params, budget) => {
    const { runs: restarts, steps } = runsWithin({ runs: params.restarts, steps: params.steps }, budget);
    return { ...params, restarts, steps };
  },
  async perturb({ random, ...context }) {
    const { victim, x, targets, params } = context;
    assertClasses(params.loss, victim.classes, targets !== undefined);
    const n = x.shape[0];
    const best = new BestSoFar((await x.data()) as Float32Array, n);
    await withRestarts({ ...params, random, best }, (rows, random) =>
      ascend({ ...context, random, best }, rows),
    );
    return { perturbed: tf.tensor4d(best.images(), x.shape) };
  },
});

interface Run extends Scene {
  labels: Int32Array | undefined;
  targets?: Int32Array;
  x: tf.Tensor4D;
  random: BatchRandom;
  best: BestSoFar;
  params: ParamsOf<typeof params>;
}

/** One run of x ← Π(x + α · direction(∇L)) from a start of its own; samples that succeed leave the batch. */
async function ascend(run: Run, rows: number[]): Promise<void> {
  const { victim, x, random, best, params } = run;
  const { epsilon, steps, keepImproving } = params;
  const alpha = params.stepSize ?? (2.5 * epsilon) / steps;
  const norm = norms[params.norm];
  let { clean, current } = tf.tidy(() => {
    const clean = takeRows(x, rows);
    if (!params.randomStart) return { clean, current: tf.clone(clean) };
    const delta = takeRows(norm.randomStart(random, x.shape.slice(1), epsilon), rows);
    return { clean, current: stayInside(clean, delta, norm, epsilon, victim.bounds) };
  });
  // One pass more than there are steps: the last one only looks at where the last step led.
  for (let step = 0; step <= steps && rows.length > 0; step++) {
    let stay: number[] = [];
    const next = await tidyAsync(async () => {
      const { f, loss, gradient } = await look(run, rows, current, {
        loss: lossOf(params.loss, run, rows),
        isGoal: ascendsGoal(params.loss, run.goalSource),
        last: step === steps,
      });
      await best.offer(rows, current, f, loss);
      stay = [...rows.keys()].filter((i) => keepImproving || !isMet(f[i]!));
      if (!gradient || stay.length === 0) return { clean, current };
      const delta = tf.sub(tf.add(current, tf.mul(norm.direction(gradient), alpha)), clean) as tf.Tensor4D;
      const stepped = stayInside(clean, delta, norm, epsilon, victim.bounds);
      return { clean: takeRows(clean, stay), current: takeRows(stepped, stay) };
    });
    if (next.clean !== clean) tf.dispose([clean, current]);
    ({ clean, current } = next);
    rows = stay.map((i) => rows[i]!);
  }
  tf.dispose([clean, current]);
}
