import type { Features, GraphRunner, Stream } from '@gauntlet/api';
import type * as tf from '@tensorflow/tfjs-core';

/** What an estimator may look at for a batch. */
export interface View extends Features {
  /** [n,h,w,c] the images themselves. */
  x: tf.Tensor4D;
}

/** dI/d(one part of the view), in that part's shape. An objective gets the MI term as ⟨cotangent, part⟩. */
export interface Contribution {
  /** [n] I(x, x+δ) in nats. */
  value: tf.Tensor1D;
  of: keyof View;
  cotangent: tf.Tensor4D;
}

/**
 * An estimate of I(x, x+δ) for a batch of pairs, bound to the clean side. Estimators with parameters of their
 * own keep one set per sample; `train` ascends them. Results belong to the caller, the state to the session.
 */
export interface Session {
  /** The only part of the perturbed side that it looks at; views may then come without the others. Absent: it may look at all. */
  readonly of?: keyof View;
  /** [n] in nats. */
  estimate(perturbed: View): Promise<tf.Tensor1D>;
  /** The estimate with its gradient with respect to the perturbed side, after so many steps of training (0 by default). */
  differentiate(perturbed: View, steps?: number): Promise<Contribution>;
  /** Steps of training on the pairs; does nothing for estimators without parameters. */
  train(perturbed: View, steps: number): Promise<void>;
  /** Keeps only these samples (positions in the current batch). */
  keep(rows: readonly number[]): void;
  dispose(): void;
}

export interface Estimator {
  readonly name: string;
  /** For the report: what was estimated and how. */
  readonly description: string;
  /** Bytes of state per sample for images of a shape. */
  bytesPerSample(shape: readonly [number, number, number]): number;
  /**
   * Binds the clean side. One stream per sample is all the randomness there is. `graphs` is the victim's (`victim.graphs`):
   * with it an estimator may run as compiled graphs, which give the same numbers to 1e-4.
   */
  open(clean: View, streams: readonly Stream[], graphs?: GraphRunner): Promise<Session>;
}

/** One estimate of I(clean, perturbed) from scratch: open, train, estimate. [n] in nats. */
export async function estimateOnce(
  estimator: Estimator,
  clean: View,
  perturbed: View,
  streams: readonly Stream[],
  steps: number,
  graphs?: GraphRunner,
): Promise<tf.Tensor1D> {
  const session = await estimator.open(clean, streams, graphs);
  try {
    await session.train(perturbed, steps);
    return await session.estimate(perturbed);
  } finally {
    session.dispose();
  }
}
