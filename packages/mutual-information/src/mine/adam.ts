import { tf } from '@gauntlet/api';

export const [beta1, beta2] = [0.9, 0.999];
const epsilon = 1e-8;

/**
 * Added to every gradient. It is lost beside all but the smallest, and where a gradient stays 0, as a unit's that no sample
 * reaches does, it keeps the moments from fading into numbers so small that a processor takes twenty times as long for them.
 */
export const floor = 1e-16;

/**
 * Moments are kept as sums, m/(1 − β₁) and v/(1 − β₂), which spares two products of the parameters' size in each step; this
 * and `correctionAt` give the division back.
 */
export const sumEpsilon = epsilon / Math.sqrt(1 - beta2);

/** What makes up, at step t (from 1), for moments that start at zero and are kept as sums. */
export const correctionAt = (t: number): number =>
  Math.sqrt((1 - beta2 ** t) / (1 - beta2)) * ((1 - beta1) / (1 - beta1 ** t));

/**
 * Adam (Kingma & Ba 2015) on parameters whose first dimension is the sample: elementwise, so one update serves
 * a whole batch of networks. Ascends. Each parameter has a learning rate of its own.
 */
export class BatchedAdam {
  #first: tf.Tensor[];
  #second: tf.Tensor[];
  #step = 0;
  readonly #rates: readonly number[];

  constructor(parameters: readonly tf.Tensor[], rates: readonly number[]) {
    this.#first = parameters.map((parameter) => tf.keep(tf.zerosLike(parameter)));
    this.#second = parameters.map((parameter) => tf.keep(tf.zerosLike(parameter)));
    this.#rates = rates;
  }

  /** New parameters; the old ones and the gradients are the caller's to dispose. */
  ascend(parameters: readonly tf.Tensor[], gradients: readonly tf.Tensor[]): tf.Tensor[] {
    this.#step++;
    const correction = correctionAt(this.#step);
    return parameters.map((parameter, i) => {
      const { first, second, next } = tf.tidy(() => {
        const gradient = tf.add(gradients[i], floor);
        const m = tf.add(tf.mul(this.#first[i], beta1), gradient);
        const v = tf.add(tf.mul(this.#second[i], beta2), tf.square(gradient));
        const direction = tf.div(m, tf.add(tf.sqrt(v), sumEpsilon));
        const step = tf.mul(direction, this.#rates[i] * correction);
        return { first: tf.keep(m), second: tf.keep(v), next: tf.keep(tf.add(parameter, step)) };
      });
      tf.dispose([this.#first[i], this.#second[i]]);
      this.#first[i] = first;
      this.#second[i] = second;
      return next;
    });
  }

  keep(pick: (tensor: tf.Tensor) => tf.Tensor): void {
    this.#first = this.#first.map(pick);
    this.#second = this.#second.map(pick);
  }

  dispose(): void {
    tf.dispose([...this.#first, ...this.#second]);
  }
}
