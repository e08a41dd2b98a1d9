import {
  drawTensor,
  type Features,
  type Gradient,
  mapTensors,
  type Objective,
  type Stream,
  tidyAsync,
  tf,
} from '@gauntlet/api';
import { eightBits } from './estimate-radius.js';
import type { LoadedVictim, Outputs, Scores } from './loaded-victim.js';
import { auxOf, numberOf } from './objective.js';

/** Antithetic pairs per estimate. */
export const pairs = 25;

/** How reports name it: the radius is a share of the range of inputs. */
export const estimatorName = (radius: number): string =>
  `NES, ${pairs} antithetic pairs, σ ${Math.round(radius / eightBits)}/255 of the range`;

/** What reports say of such gradients. */
export const estimatedBy = (radius: number): string => `estimated (${estimatorName(radius)})`;

/** Thrown into an objective that looks at features which were not computed for it. */
class WantsFeatures extends Error {}

/**
 * Natural evolution strategies (Ilyas, Engstrom, Athalye, Lin 2018, after Salimans et al. 2017):
 * ∇f(x) ≈ 1/(2mσ) Σ_k (f(x + σu_k) − f(x − σu_k)) u_k with u_k standard normal, one stream per sample. Costs
 * 2m + 1 forward passes and no gradient; for victims that cannot be differentiated.
 */
export async function estimateGradient<A = undefined>(
  victim: LoadedVictim,
  x: tf.Tensor4D,
  objective: (outputs: Outputs) => Objective<A>,
  streams: readonly Stream[],
): Promise<Gradient<Outputs, A>> {
  const { bounds, radius = eightBits } = victim.traits;
  const sigma = radius * (bounds[1] - bounds[0]);
  let features = false;
  /** The objective at a point, with features as soon as it has asked for them once. */
  const at = (point: tf.Tensor4D): Promise<{ result: Objective<A>; scores: Scores }> =>
    tidyAsync(async () => {
      const scores = await victim.predict(point);
      if (!features) {
        try {
          return { result: objective(refusing(scores)), scores };
        } catch (error) {
          if (!(error instanceof WantsFeatures)) throw error;
          features = true;
        }
      }
      return {
        result: objective({ ...scores, ...(await victim.features(point)) } as Outputs),
        scores,
      };
    });
  return tidyAsync(async () => {
    const { result, scores } = await at(x);
    let sum: tf.Tensor4D = tf.zerosLike(x);
    for (let k = 0; k < pairs; k++) {
      const next = await tidyAsync(async () => {
        const direction = drawTensor(streams, x.shape.slice(1), (stream) => stream.normal()) as tf.Tensor4D;
        const step = tf.mul(direction, sigma);
        const up = numberOf((await at(tf.add(x, step))).result);
        const down = numberOf((await at(tf.sub(x, step))).result);
        const slope = tf.reshape(tf.sub(up, down), [-1, 1, 1, 1]);
        return tf.add(sum, tf.mul(direction, slope)) as tf.Tensor4D;
      });
      sum.dispose();
      sum = next;
    }
    const gradient: tf.Tensor4D = tf.mul(sum, 1 / (2 * pairs * sigma));
    return { value: numberOf(result), gradient, outputs: scores, aux: mapTensors(auxOf(result), tf.clone) };
  });
}

function refusing(scores: Scores): Outputs {
  const refuse = (): never => {
    throw new WantsFeatures();
  };
  return Object.defineProperties({ ...scores } as Scores & Features, {
    features: { get: refuse },
    preactivation: { get: refuse },
  }) as Outputs;
}
