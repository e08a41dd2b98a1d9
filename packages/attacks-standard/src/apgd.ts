// Croce, Hein, "Reliable Evaluation of Adversarial Robustness with an Ensemble of Diverse Parameter-free Attacks",
// ICML 2020, algorithm 1:
//   z_{k+1} = Π_S( x_k + η · direction(∇L(x_k)) )
//   x_{k+1} = Π_S( x_k + α (z_{k+1} − x_k) + (1 − α) (x_k − x_{k−1}) ),  α = 0.75, and 1 for the first step
// The step η begins at 2ε. At each checkpoint it is halved and x goes back to the best point so far, x_max, where
//   1. fewer than a share ρ of the steps since the last checkpoint have raised the loss, or
//   2. neither η nor the largest loss has changed since then.
import {
  type BatchRandom,
  BestSoFar,
  defineAttack,
  isMet,
  type Norm,
  norms,
  type ParamsInput,
  scaleRows,
  stayInside,
  takeRows,
  targetParam,
  threatParams,
  tidyAsync,
  tf,
} from '@gauntlet/api';
import { checkpoints, StepSizes } from './step-sizes.js';
import { look, type Scene } from './look.js';
import { lossParam } from './loss-param.js';
import { ascendsGoal, assertClasses, type Loss, lossComplaints, lossOf } from './losses.js';
import { withRestarts } from './restarts.js';
import { runsWithin } from './runs-within.js';
import { takeAll } from './take-all.js';

/** Parameters of each run, for the attacks that are made of such runs. */
export const runParams = {
  norm: { enum: ['linf', 'l2'], default: 'linf', description: threatParams.norm.description },
  epsilon: threatParams.epsilon,
  steps: { type: 'integer', minimum: 1, default: 100, description: 'Gradient steps of a run' },
  rho: {
    type: 'number',
    exclusiveMinimum: 0,
    maximum: 1,
    default: 0.75,
    description: 'ρ: share of the steps that have to raise the loss, or the step size is halved',
  },
} as const;

const params = {
  type: 'object',
  additionalProperties: false,
  required: ['epsilon'],
  properties: {
    ...runParams,
    restarts: {
      type: 'integer',
      minimum: 1,
      default: 1,
      description: 'Runs with another random start for samples that held',
    },
    ...lossParam,
    ...targetParam,
  },
} as const;

export type ApgdParams = ParamsInput<typeof params>;

const momentum = 0.75;

/** Auto-PGD. */
export const apgd = defineAttack({
  name: 'apgd',
  version: 1,
  victim: 'classifier',
  reference: 'Croce and Hein, ICML 2020, algorithm 1',
  description: 'PGD with momentum that chooses its step size by itself',
  params,
  usesGradients: true,
  goals: 'any',
  complaints: lossComplaints('apgd'),
  threat: ({ norm, epsilon, target }) => ({ norm, epsilon, target }),
  takesExamples: () => true,
  within: (params, budget) => {
    const { runs: restarts, steps } = runsWithin({ runs: params.restarts, steps: params.steps }, budget);
    return { ...params, restarts, steps };
  },
  async perturb({ random, ...context }) {
    const { victim, x, targets, params, goalSource } = context;
    assertClasses(params.loss, victim.classes, targets !== undefined);
    const n = x.shape[0];
    const best = new BestSoFar((await x.data()) as Float32Array, n);
    await withRestarts({ ...params, random, best }, (rows, random) =>
      climb({ ...context, best }, rows, {
        ...params,
        norm: norms[params.norm],
        random,
        lossOf: (rows) => lossOf(params.loss, context, rows),
        isGoal: ascendsGoal(params.loss, goalSource),
      }),
    );
    return { perturbed: tf.tensor4d(best.images(), x.shape) };
  },
});

/** What a run is for. Tensors stay with the caller. */
export interface Climb extends Scene {
  /** [n,h,w,c] clean */
  x: tf.Tensor4D;
  /** Gets every point that is seen. */
  best: BestSoFar;
}

export interface ClimbOptions {
  norm: Norm;
  epsilon: number;
  steps: number;
  rho: number;
  /** Where the run starts. */
  random: BatchRandom;
  /** The loss of some samples of the batch. */
  lossOf: (rows: readonly number[]) => Loss;
  /** It is minus the criterion. */
  isGoal: boolean;
}

/** One run of algorithm 1 from a random start; samples that succeed leave the batch. */
export async function climb(run: Climb, rows: readonly number[], options: ClimbOptions): Promise<void> {
  if (rows.length === 0) return;
  const { victim, x, best } = run;
  const { norm, epsilon, steps, rho, isGoal } = options;
  const sizes = new StepSizes(x.shape[0], 2 * epsilon, rho);
  const marks = checkpoints(steps);
  const inside = (clean: tf.Tensor4D, at: tf.Tensor4D) =>
    stayInside(clean, tf.sub(at, clean), norm, epsilon, victim.bounds);
  let state = tf.tidy(() => {
    const clean = takeRows(x, rows);
    const delta = takeRows(norm.randomStart(options.random, x.shape.slice(1), epsilon), rows);
    const current = stayInside(clean, delta, norm, epsilon, victim.bounds);
    const gradient = tf.zerosLike(current);
    // Of x_max and of its gradient nothing is used before the first point is seen.
    return { clean, current, previous: tf.clone(current), top: tf.clone(current), gradient };
  });
  // One pass more than there are steps: the last one only looks at where the last step led.
  for (let k = 0; k <= steps && rows.length > 0; k++) {
    let stay: number[] = [];
    const next = await tidyAsync(async () => {
      const { clean, current, previous } = state;
      const seen = await look(run, rows, current, {
        loss: options.lossOf(rows),
        isGoal,
        last: k === steps,
      });
      await best.offer(rows, current, seen.f, seen.loss);
      stay = [...rows.keys()].filter((i) => !isMet(seen.f[i]!));
      if (!seen.gradient || stay.length === 0) return state;
      const rises = sizes.see(rows, seen.loss);
      const top = choose(rises, current, state.top);
      const gradient = choose(rises, seen.gradient, state.gradient);
      const back = marks.has(k) ? sizes.check(rows) : rows.map(() => false);
      const from = choose(back, top, current);
      const step = scaleRows(norm.direction(choose(back, gradient, seen.gradient)), sizes.of(rows));
      const z = inside(clean, tf.add(from, step));
      const alpha = k === 0 ? 1 : momentum;
      const moved = tf.add(tf.mul(tf.sub(z, from), alpha), tf.mul(tf.sub(from, previous), 1 - alpha));
      const stepped = inside(clean, tf.add(from, moved));
      const kept = { clean, current: stepped, previous: from, top, gradient };
      return takeAll(kept, stay);
    });
    if (next !== state) tf.dispose(state as never);
    state = next;
    rows = stay.map((i) => rows[i]!);
  }
  tf.dispose(state as never);
}

/**
 * Rows of the one where it is said so, of the other elsewhere. The mask has the full size: WebAssembly takes longer to
 * repeat a row's one value, or to gather rows, than for all else of a step.
 */
function choose(which: readonly boolean[], yes: tf.Tensor4D, no: tf.Tensor4D): tf.Tensor4D {
  if (which.every(Boolean)) return yes;
  if (!which.some(Boolean)) return no;
  const size = yes.size / which.length;
  const mask = new Uint8Array(yes.size);
  which.forEach((is, i) => is && mask.fill(1, i * size, (i + 1) * size));
  return tf.where(tf.tensor4d(mask, yes.shape, 'bool'), yes, no);
}
