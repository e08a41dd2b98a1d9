// Carlini, Wagner, "Towards Evaluating the Robustness of Neural Networks", IEEE S&P 2017, section VI, in L2:
//   minimise ‖x' − x‖² + c · max(f(x') + κ, 0) over w by Adam,  x' = m + h · tanh(w),
// m and h the middle and half the width of the box, so that x' never leaves it; f is the criterion (their f_6). c is searched
// for each sample: halved between the largest that fails and the smallest that succeeds, tenfold while none succeeds.
import {
  BestSoFar,
  type Classifier,
  defineAttack,
  type Goal,
  isMet,
  norms,
  objectiveOf,
  type ParamsInput,
  type ParamsOf,
  scaleRows,
  targetParam,
  tidyAsync,
  tf,
} from '@gauntlet/api';
import { boundedThreat, boundParam, withinBound } from './bound.js';
import { runsWithin } from './runs-within.js';
import { takeAll } from './take-all.js';

const params = {
  type: 'object',
  additionalProperties: false,
  properties: {
    ...boundParam,
    searches: { type: 'integer', minimum: 1, default: 9, description: 'Values of c that are tried' },
    steps: { type: 'integer', minimum: 1, default: 1000, description: 'Steps of Adam for each of them' },
    stepSize: { type: 'number', exclusiveMinimum: 0, default: 0.01, description: 'Learning rate of Adam' },
    initialConstant: { type: 'number', exclusiveMinimum: 0, default: 1e-3, description: 'The first c' },
    kappa: {
      type: 'number',
      minimum: 0,
      default: 0,
      description: 'κ: margin, in logits, by which the goal is to be met',
    },
    ...targetParam,
  },
} as const;

export type CarliniWagnerParams = ParamsInput<typeof params>;

/** The attack of Carlini and Wagner in L2. */
export const carliniWagner = defineAttack({
  name: 'cw',
  version: 1,
  victim: 'classifier',
  reference: 'Carlini and Wagner, IEEE S&P 2017, section VI',
  description: 'The shortest perturbation in L2, by a penalty whose weight is searched',
  params,
  usesGradients: true,
  goals: 'any',
  shortest: () => 'l2',
  threat: ({ epsilon, target }) => boundedThreat({ norm: 'l2', epsilon, target }),
  within: (params, budget) => {
    const { runs: searches, steps } = runsWithin({ runs: params.searches, steps: params.steps }, budget);
    return { ...params, searches, steps };
  },
  async perturb(context) {
    const { victim, x, params } = context;
    const n = x.shape[0];
    const best = new BestSoFar((await x.data()) as Float32Array, n);
    const c = new Float64Array(n).fill(params.initialConstant);
    const [lower, upper] = [new Float64Array(n), new Float64Array(n).fill(Infinity)];
    for (let search = 0; search < params.searches; search++) {
      const met = await descend({ ...context, best, c });
      for (let row = 0; row < n; row++) {
        if (met[row]) upper[row] = Math.min(upper[row]!, c[row]!);
        else lower[row] = Math.max(lower[row]!, c[row]!);
        c[row] = upper[row] === Infinity ? c[row]! * 10 : (lower[row]! + upper[row]!) / 2;
      }
    }
    return { perturbed: withinBound(x, best.images(), norms.l2, params.epsilon, victim.bounds) };
  },
});

interface Descent {
  victim: Classifier;
  goal: Goal;
  x: tf.Tensor4D;
  params: ParamsOf<typeof params>;
  best: BestSoFar;
  /** [n] */
  c: Float64Array;
}

/** How often a run is looked at: it ends for samples whose loss has not fallen since (the authors' code looks at the start as well). */
const checks = 10;
/** Adam needs some to get going. */
const leastSteps = 10;
/** atanh is infinite at the edge of the box. */
const edge = 0.999999;

/** One run of Adam for all samples with a c of their own; whether each met the goal on the way. */
async function descend({ victim, goal, x, params, best, c }: Descent): Promise<Uint8Array> {
  const { steps, stepSize, kappa } = params;
  const [low, high] = victim.bounds;
  const [middle, half] = [(low + high) / 2, (high - low) / 2];
  const met = new Uint8Array(x.shape[0]);
  const before = new Float64Array(x.shape[0]).fill(Infinity);
  let rows = [...met.keys()];
  let state = tf.tidy(() => {
    const w = tf.atanh(tf.mul(tf.div(tf.sub(x, middle), half), edge)) as tf.Tensor4D;
    return { clean: tf.clone(x), w, mean: tf.zerosLike(x), square: tf.zerosLike(x) };
  });
  for (let k = 0; k < steps && rows.length > 0; k++) {
    let stay: number[] = [];
    const next = await tidyAsync(async () => {
      const { clean, w } = state;
      const tanh = tf.tanh(w);
      const at: tf.Tensor4D = tf.add(middle, tf.mul(tanh, half));
      const delta: tf.Tensor4D = tf.sub(at, clean);
      const criterion = goal(rows);
      const seen = await victim.rows(rows).differentiate(at, objectiveOf(criterion));
      const n = rows.length;
      const read = await tf.stack([tf.add(seen.value, kappa), norms.l2.length(delta)]).data();
      const [f, length] = [read.subarray(0, n), read.subarray(n)];
      await best.offer(
        rows,
        at,
        f,
        length.map((one) => -one),
      );
      rows.forEach((row, i) => isMet(f[i]!) && (met[row] = 1));
      const loss = rows.map((row, i) => length[i]! ** 2 + c[row]! * Math.max(f[i]!, 0));
      const looks = k > 0 && k % Math.max(leastSteps, Math.ceil(steps / checks)) === 0;
      stay = [...rows.keys()].filter((i) => !looks || loss[i]! <= 0.9999 * before[rows[i]!]!);
      if (looks) rows.forEach((row, i) => (before[row] = loss[i]!));
      if (stay.length === 0) return state;
      const active = tf.tensor1d(rows.map((row, i) => (f[i]! > 0 ? c[row]! : 0)));
      const slope = tf.add(tf.mul(delta, 2), scaleRows(seen.gradient, active));
      const gradient = tf.mul(slope, tf.mul(half, tf.sub(1, tf.square(tanh))));
      const mean = tf.add(tf.mul(state.mean, 0.9), tf.mul(gradient, 0.1)) as tf.Tensor4D;
      const square = tf.add(tf.mul(state.square, 0.999), tf.mul(tf.square(gradient), 0.001)) as tf.Tensor4D;
      const size = tf.add(tf.sqrt(tf.div(square, 1 - 0.999 ** (k + 1))), 1e-8);
      const step = tf.div(tf.mul(mean, stepSize / (1 - 0.9 ** (k + 1))), size);
      const moved = { clean, w: tf.sub(w, step) as tf.Tensor4D, mean, square };
      return takeAll(moved, stay);
    });
    if (next !== state) tf.dispose(Object.values(state));
    state = next;
    rows = stay.map((i) => rows[i]!);
  }
  tf.dispose(Object.values(state));
  return met;
}
