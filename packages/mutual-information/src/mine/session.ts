import { type Stream, takeRows, tf } from '@gauntlet/api';
import type { Session, View } from '../estimator.js';
import { BatchedAdam } from './adam.js';
import type { Critic } from './critics.js';
import { donskerVaradhan, type Marginals } from './donsker-varadhan.js';
import { drawShuffle } from './permute.js';
import type { Sampling } from './sampling.js';

/** MINE for a batch: one statistics network per sample, trained side by side. */
export class MineSession implements Session {
  #parameters: tf.Tensor[];
  #streams: readonly Stream[];
  readonly #critic: Critic;
  readonly #sampling: Sampling;
  readonly #marginals: Marginals;
  readonly #adam: BatchedAdam;

  constructor(
    critic: Critic,
    sampling: Sampling,
    marginals: Marginals,
    learningRate: number,
    streams: readonly Stream[],
  ) {
    this.#critic = critic;
    this.#sampling = sampling;
    this.#marginals = marginals;
    this.#streams = streams;
    this.#parameters = critic.parameters.map((parameter) => tf.keep(parameter));
    this.#adam = new BatchedAdam(
      this.#parameters,
      critic.rates.map((rate) => rate * learningRate),
    );
  }

  get of(): keyof View {
    return this.#sampling.of;
  }

  async estimate(perturbed: View): Promise<tf.Tensor1D> {
    const shuffle = this.#shuffle();
    return tf.tidy(() =>
      this.#information(this.#sampling.v(perturbed[this.#sampling.of]), this.#parameters, shuffle),
    );
  }

  async differentiate(perturbed: View, steps = 0) {
    if (steps > 0) await this.train(perturbed, steps);
    const shuffle = this.#shuffle();
    const { of } = this.#sampling;
    const { value, grad } = tf.tidy(() => {
      // The clean side does not depend on the perturbed one: it stays off the tape.
      const a = this.#critic.left(this.#sampling.u, this.#parameters);
      return tf.valueAndGrad((part: tf.Tensor) =>
        this.#information(this.#sampling.v(part as tf.Tensor4D), this.#parameters, shuffle, a),
      )(perturbed[of]);
    });
    return { value: value as tf.Tensor1D, of, cotangent: grad as tf.Tensor4D };
  }

  async train(perturbed: View, steps: number): Promise<void> {
    // The same for all steps.
    const v = tf.tidy(() => tf.clone(this.#sampling.v(perturbed[this.#sampling.of])));
    for (let step = 0; step < steps; step++) {
      const shuffle = this.#shuffle();
      tf.tidy(() => {
        const gradients = tf.grads((...theta: tf.Tensor[]) => this.#information(v, theta, shuffle))(
          this.#parameters,
        );
        const next = this.#adam.ascend(this.#parameters, gradients);
        tf.dispose(this.#parameters);
        this.#parameters = next;
      });
    }
    v.dispose();
  }

  keep(rows: readonly number[]): void {
    const pick = (tensor: tf.Tensor) => {
      const picked = tf.keep(takeRows(tensor, rows));
      tensor.dispose();
      return picked;
    };
    this.#parameters = this.#parameters.map(pick);
    this.#adam.keep(pick);
    this.#sampling.keep(pick);
    this.#streams = rows.map((row) => this.#streams[row]);
  }

  dispose(): void {
    tf.dispose(this.#parameters);
    this.#adam.dispose();
    this.#sampling.dispose();
  }

  #shuffle() {
    return this.#marginals === 'shuffle' ? drawShuffle(this.#streams, this.#sampling.u.shape[1]) : undefined;
  }

  #information(
    v: tf.Tensor3D,
    theta: readonly tf.Tensor[],
    shuffle: ReturnType<typeof drawShuffle> | undefined,
    a = this.#critic.left(this.#sampling.u, theta),
  ): tf.Tensor1D {
    return donskerVaradhan(a, this.#critic.right(v, theta), theta.at(-1)!, shuffle);
  }
}
