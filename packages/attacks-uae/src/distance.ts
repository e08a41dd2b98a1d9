import { flatRows, scaleRows, takeRows, tf } from '@gauntlet/api';
import type { Contribution, Estimator, Session, View } from '@gauntlet/mutual-information';

export const distanceNames = ['norm', 'squared'] as const;
export type DistanceName = (typeof distanceNames)[number];

/** Below this a distance has no direction. */
const tiny = 1e-12;

/** The negated distance, −‖x′ − x‖₂ or −‖x′ − x‖₂², in the place of mutual information; nothing to train. */
export function negatedDistance(name: DistanceName): Estimator {
  return {
    name,
    description: name === 'norm' ? '−‖δ‖₂' : '−‖δ‖₂²',
    bytesPerSample: () => 0,
    open: async (clean) => new DistanceSession(name, clean.x),
  };
}

class DistanceSession implements Session {
  readonly of = 'x';
  readonly #name: DistanceName;
  #x: tf.Tensor4D;

  constructor(name: DistanceName, x: tf.Tensor4D) {
    this.#name = name;
    this.#x = tf.keep(tf.clone(x));
  }

  async estimate({ x }: View): Promise<tf.Tensor1D> {
    return tf.tidy(() => {
      const squares = this.#squares(tf.sub(x, this.#x));
      return tf.neg(this.#name === 'norm' ? tf.sqrt(squares) : squares);
    });
  }

  /** −δ/‖δ‖ and −2δ. */
  async differentiate(perturbed: View): Promise<Contribution> {
    const value = await this.estimate(perturbed);
    const cotangent = tf.tidy(() => {
      const delta: tf.Tensor4D = tf.sub(perturbed.x, this.#x);
      if (this.#name === 'squared') return tf.mul(delta, -2) as tf.Tensor4D;
      return scaleRows(delta, tf.div(-1, tf.maximum(tf.sqrt(this.#squares(delta)), tiny)));
    });
    return { value, of: 'x', cotangent };
  }

  async train(): Promise<void> {}

  keep(rows: readonly number[]): void {
    const kept = tf.keep(takeRows(this.#x, rows));
    this.#x.dispose();
    this.#x = kept;
  }

  dispose(): void {
    this.#x.dispose();
  }

  #squares(delta: tf.Tensor): tf.Tensor1D {
    return tf.sum(tf.square(flatRows(delta)), 1);
  }
}
