import {
  type Budget,
  type Norm,
  type LengthName,
  stayInside,
  type Target,
  type ThreatModel,
  threatParams,
  tf,
} from '@gauntlet/api';

/** Of attacks that look for the shortest perturbation. */
export const boundParam = {
  epsilon: {
    anyOf: [threatParams.epsilon, { type: 'null' }],
    default: null,
    description:
      'Largest length of the perturbation, in input units; null: as short as it gets, however long',
  },
} as const;

/** Without an epsilon only the box binds. */
export const boundedThreat = ({
  norm,
  epsilon,
  target,
}: {
  norm: LengthName;
  epsilon: number | null;
  target?: Target;
}): ThreatModel => (epsilon === null ? { norm: 'none', epsilon: 0, target } : { norm, epsilon, target });

/** All of a budget in steps, each of them a gradient; one more forward pass looks at where the last step led. */
export function stepsWithin<P extends { steps: number }>(
  params: P,
  { gradients = Infinity, forwards = Infinity }: Budget,
): P {
  return { ...params, steps: Math.max(1, Math.min(gradients, forwards - 1)) };
}

/** The images that were found, [n·h·w·c], as far as the epsilon allows: what a search that goes beyond it gives back. */
export const withinBound = (
  x: tf.Tensor4D,
  found: Float32Array,
  norm: Norm,
  epsilon: number | null,
  bounds: readonly [number, number],
): tf.Tensor4D =>
  tf.tidy(() => {
    const images = tf.tensor4d(found, x.shape);
    return epsilon === null ? images : stayInside(x, tf.sub(images, x), norm, epsilon, bounds);
  });
