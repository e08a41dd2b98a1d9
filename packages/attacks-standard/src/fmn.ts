// Pintor, Roli, Brendel, Biggio, "Fast Minimum-norm Adversarial Attacks through Adaptive Norm Constraints", NeurIPS 2021,
// algorithm 1: the criterion f (their L) is descended inside a ball whose radius ε_k follows the boundary:
//   f > 0, nothing found yet:  ε_k = ‖δ‖ + f / ‖∇f‖_dual, where a linear f would be 0 (here at least ε_{k−1} (1 + γ_k):
//                              by rounding f may stay just above 0)
//   f > 0, something found:    ε_k = ε_{k−1} (1 + γ_k)
//   f ≤ 0:                     ε_k = min(ε_{k−1} (1 − γ_k), ‖δ*‖),  δ* the shortest success
// In L0, where a linear f says nothing of a length, ε_k is a number of values, at least 1:
//   f > 0:  max(ε_{k−1} + 1, ⌊ε_{k−1} (1 + γ_k)⌋)
//   f ≤ 0:  min(ε_{k−1} − 1, ⌊ε_{k−1} (1 − γ_k)⌋, ‖δ*‖)
//   δ_{k+1} = Π_{ε_k}( δ − α_k ∇f / ‖∇f‖_2 ), inside the box; α_k and γ_k fall along a cosine.
import {
  BestSoFar,
  type Classifier,
  defineAttack,
  type Goal,
  type GoalSource,
  isMet,
  type LengthName,
  type Norm,
  type NormName,
  norms,
  objectiveOf,
  type ParamsInput,
  predictFor,
  scaleRows,
  targetParam,
  threatParams,
  tidyAsync,
  tf,
} from '@gauntlet/api';
import { annealed } from './annealed.js';
import { boundedThreat, boundParam, stepsWithin } from './bound.js';
import { countChanged, keepLargest } from './sparse.js';

const params = {
  type: 'object',
  additionalProperties: false,
  properties: {
    norm: {
      ...threatParams.norm,
      enum: [...threatParams.norm.enum, 'l0'],
      description: `${threatParams.norm.description}; l0: by the number of values that change`,
    },
    ...boundParam,
    steps: { type: 'integer', minimum: 1, default: 100, description: 'Gradient steps' },
    alpha: {
      type: 'number',
      exclusiveMinimum: 0,
      default: 1,
      description: 'α: the first step, as Euclidean length in input units',
    },
    gamma: {
      type: 'number',
      exclusiveMinimum: 0,
      exclusiveMaximum: 1,
      default: 0.05,
      description: 'γ: the first share by which the radius changes',
    },
    ...targetParam,
  },
} as const;

export type FmnParams = ParamsInput<typeof params>;

/** Which length of the gradient bounds how much a perturbation of length 1 changes a linear function. */
const dual: Record<NormName, NormName> = { linf: 'l1', l2: 'l2', l1: 'linf' };

/** Fast minimum-norm attack. */
export const fmn = defineAttack({
  name: 'fmn',
  version: 2,
  victim: 'classifier',
  reference: 'Pintor et al., NeurIPS 2021, algorithm 1',
  description: 'The shortest perturbation that succeeds, in L∞, L2 or L1, or of the fewest values (L0)',
  params,
  usesGradients: true,
  goals: 'any',
  shortest: ({ norm }) => norm,
  threat: boundedThreat,
  within: stepsWithin,
  async perturb({ victim, x, goal, goalSource, params }) {
    const n = x.shape[0];
    const { steps, alpha, gamma } = params;
    const { length, dualLength, project } = geometryOf(params.norm);
    const longest = params.epsilon ?? Infinity;
    const best = new BestSoFar((await x.data()) as Float32Array, n);
    const radius = new Float64Array(n);
    const rows = [...Array(n).keys()];
    let delta = tf.zerosLike(x);
    // One pass more than there are steps: the last one only looks at where the last step led.
    for (let k = 0; k <= steps; k++) {
      const next = await tidyAsync(async () => {
        const at: tf.Tensor4D = tf.add(x, delta);
        const seen = await descent({ victim, goal, goalSource }, at, k === steps);
        const sizes = seen.gradient && dualLength ? [dualLength(seen.gradient)] : [];
        const values = await tf.stack([seen.f, length(delta), ...sizes]).data();
        const [f, lengths, slope] = [0, 1, 2].map((i) => values.subarray(i * n, (i + 1) * n));
        await best.offer(
          rows,
          at,
          f!,
          lengths!.map((one) => -one),
        );
        if (!seen.gradient) return delta;
        const share = annealed(gamma, 0.001, k / steps);
        for (const row of rows) {
          const shortest = best.success[row] ? -best.merit[row]! : undefined;
          const met = isMet(f![row]!);
          const now = !dualLength
            ? nextCount(radius[row]!, share, met, shortest)
            : met
              ? Math.min(radius[row]! * (1 - share), shortest!)
              : Math.max(
                  radius[row]! * (1 + share),
                  shortest === undefined ? lengths![row]! + f![row]! / Math.max(slope![row]!, 1e-12) : 0,
                );
          radius[row] = Math.min(now, longest);
        }
        const step: tf.Tensor4D = tf.mul(
          norms.l2.direction(seen.gradient),
          annealed(alpha, alpha / 100, k / steps),
        );
        const moved = await project(tf.sub(delta, step), radius);
        return tf.sub(tf.clipByValue(tf.add(x, moved), ...(victim.bounds as [number, number])), x);
      });
      if (next !== delta) delta.dispose();
      delta = next as tf.Tensor4D;
    }
    delta.dispose();
    return { perturbed: tf.tensor4d(best.images(), x.shape) };
  },
});

interface Scene {
  victim: Classifier;
  goal: Goal;
  goalSource: GoalSource;
}

/** [n] the criterion of all samples at x, and its gradient unless this is the last look. */
async function descent(
  { victim, goal, goalSource }: Scene,
  x: tf.Tensor4D,
  last: boolean,
): Promise<{ f: tf.Tensor1D; gradient?: tf.Tensor4D }> {
  const criterion = goal([...Array(x.shape[0]).keys()]);
  if (last) return { f: criterion.value(await predictFor(goalSource, victim, x)) };
  const { value, gradient } = await victim.differentiate(x, objectiveOf(criterion));
  return { f: value, gradient };
}

interface Geometry {
  length: (delta: tf.Tensor4D) => tf.Tensor1D;
  /** Of the gradient; nothing in L0. */
  dualLength?: (gradient: tf.Tensor4D) => tf.Tensor1D;
  /** Each sample's δ to the ball of its own radius. */
  project: (delta: tf.Tensor4D, radius: Float64Array) => tf.Tensor4D | Promise<tf.Tensor4D>;
}

function geometryOf(name: LengthName): Geometry {
  if (name === 'l0') return { length: countChanged, project: keepLargest };
  const norm = norms[name];
  return {
    length: (delta) => norm.length(delta),
    dualLength: (gradient) => norms[dual[name]].length(gradient),
    project: (delta, radius) => projectRows(norm, delta, radius),
  };
}

/** The number of values that the next step may change. */
function nextCount(now: number, share: number, met: boolean, fewest: number | undefined): number {
  return met
    ? Math.max(1, Math.min(now - 1, Math.floor(now * (1 - share)), fewest!))
    : Math.max(now + 1, Math.floor(now * (1 + share)));
}

function projectRows(norm: Norm, delta: tf.Tensor4D, radius: Float64Array): tf.Tensor4D {
  const radii = tf.tensor1d([...radius]);
  const scaled = scaleRows(delta, tf.div(1, tf.maximum(radii, 1e-12)));
  return scaleRows(norm.project(scaled, 1), radii);
}
