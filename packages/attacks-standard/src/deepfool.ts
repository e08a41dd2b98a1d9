// Moosavi-Dezfooli, Fawzi, Frossard, "DeepFool: a simple and accurate method to fool deep neural networks", CVPR 2016,
// algorithm 2, for any norm p by section 3.3: the classifier is taken for linear around x_i, and x_i goes to the nearest of
// the boundaries between the label y and another class k:
//   w_k = ∇z_k − ∇z_y,  f_k = z_k − z_y,  l = argmin_{k≠y} |f_k| / ‖w_k‖_q  (q dual to p)
//   r_i = |f_l| / ‖w_l‖_q · direction_p(w_l),  x_{i+1} = x + (1 + η) Σ r_i, until x_{i+1} is taken for another class.
import {
  BestSoFar,
  defineAttack,
  isMet,
  norms,
  type ParamsInput,
  perRow,
  scaleRows,
  takeRows,
  threatParams,
  tidyAsync,
  tf,
} from '@gauntlet/api';
import { boundedThreat, boundParam, withinBound } from './bound.js';
import { towards } from './losses.js';
import { otherClasses } from './other-classes.js';

const params = {
  type: 'object',
  additionalProperties: false,
  properties: {
    norm: { enum: ['linf', 'l2'], default: 'l2', description: threatParams.norm.description },
    ...boundParam,
    steps: { type: 'integer', minimum: 1, default: 50, description: 'Linearisations at most' },
    candidates: {
      type: 'integer',
      minimum: 2,
      default: 10,
      description: 'Classes that are looked at, the label among them: a step takes one gradient less',
    },
    overshoot: {
      type: 'number',
      minimum: 0,
      default: 0.02,
      description: 'η: share by which the perturbation goes beyond the boundary',
    },
  },
} as const;

export type DeepfoolParams = ParamsInput<typeof params>;

const dual = { linf: norms.l1, l2: norms.l2 } as const;

/** By this share of the box a step is longer than the distance: without it steps end just before the boundary (authors' code). */
const least = 1e-4;

/** DeepFool. */
export const deepfool = defineAttack({
  name: 'deepfool',
  version: 1,
  victim: 'classifier',
  reference: 'Moosavi-Dezfooli et al., CVPR 2016, algorithm 2 and section 3.3',
  description: 'A short perturbation, by steps to the nearest boundary of the linearised classifier',
  params,
  usesGradients: true,
  goals: 'standard',
  shortest: ({ norm }) => norm,
  threat: ({ norm, epsilon }) => boundedThreat({ norm, epsilon }),
  // A step takes a pass for the logits, and for each class but the label a gradient, which is a pass, too.
  within: (params, { gradients = Infinity, forwards = Infinity }) => {
    const others = Math.max(1, Math.min(params.candidates - 1, gradients, forwards - 2));
    const steps = Math.floor(Math.min(gradients / others, (forwards - 1) / (others + 1)));
    return { ...params, candidates: others + 1, steps: Math.max(1, steps) };
  },
  async perturb({ victim, x, labels, params }) {
    const n = x.shape[0];
    const { steps, overshoot } = params;
    const norm = norms[params.norm];
    const candidates = Math.min(params.candidates, victim.classes);
    const [low, high] = victim.bounds;
    const best = new BestSoFar((await x.data()) as Float32Array, n);
    let rows = [...Array(n).keys()];
    let state = { clean: tf.clone(x), total: tf.zerosLike(x) };
    // One pass more than there are steps: the last one only looks at where the last step led.
    for (let i = 0; i <= steps && rows.length > 0; i++) {
      let stay: number[] = [];
      const next = await tidyAsync(async () => {
        const moved = tf.add(state.clean, tf.mul(state.total, 1 + overshoot));
        const current = tf.clipByValue(moved, low, high) as tf.Tensor4D;
        const logits = (await (await victim.rows(rows).predict(current)).logits.array()) as number[][];
        const order = logits.map((z, i) => otherClasses(z, labels[rows[i]!]!));
        const f = logits.map((z, i) => z[labels[rows[i]!]!]! - z[order[i]![0]!]!);
        // A sample leaves at its first success: there is no second one that a merit would rank.
        await best.offer(rows, current, f, f);
        stay = [...rows.keys()].filter((row) => !isMet(f[row]!));
        if (i === steps || stay.length === 0) return state;
        const view = victim.rows(stay.map((row) => rows[row]!));
        const at = takeRows(current, stay);
        const y = Int32Array.from(stay, (row) => labels[rows[row]!]!);
        let nearest: Boundary | undefined;
        for (let k = 0; k < candidates - 1; k++) {
          const target = Int32Array.from(stay, (row) => order[row]![k]!);
          const { value, gradient: w } = await view.differentiate(at, towards('margin', y, target));
          const slope = tf.maximum(dual[params.norm].length(w), 1e-12);
          const distance: tf.Tensor1D = tf.div(tf.abs(value), slope);
          nearest = nearest ? closer(nearest, { distance, w }) : { distance, w };
        }
        const length = tf.add(nearest!.distance, least * (high - low));
        const step = scaleRows(norm.direction(nearest!.w), length);
        return {
          clean: takeRows(state.clean, stay),
          total: tf.add(takeRows(state.total, stay), step) as tf.Tensor4D,
        };
      });
      if (next !== state) tf.dispose([state.clean, state.total]);
      state = next;
      rows = stay.map((row) => rows[row]!);
    }
    tf.dispose([state.clean, state.total]);
    return { perturbed: withinBound(x, best.images(), norm, params.epsilon, victim.bounds) };
  },
});

/** How far the boundaries of some samples are, [n], and the gradients that lead there, [n,h,w,c]. */
interface Boundary {
  distance: tf.Tensor1D;
  w: tf.Tensor4D;
}

/** Of each sample the nearer of two boundaries. */
function closer(a: Boundary, b: Boundary): Boundary {
  const nearer = tf.less(b.distance, a.distance);
  return {
    distance: tf.where(nearer, b.distance, a.distance),
    w: tf.where(perRow(nearer, 4), b.w, a.w),
  };
}
