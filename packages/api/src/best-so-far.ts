import type * as tf from '@tensorflow/tfjs-core';
import { isMet } from './goals/criteria.js';
import { takeRows } from './tensors/rows.js';

/**
 * The best candidate seen for each sample of a batch, kept on the host so that samples can leave the batch.
 * Success always beats failure; among successes the larger `merit` wins, among failures the smaller criterion.
 */
export class BestSoFar {
  readonly #images: Float32Array;
  readonly #size: number;
  readonly success: Uint8Array;
  readonly merit: Float64Array;
  readonly #criterion: Float64Array;

  /** Starts from the clean batch: [n, …] values and their number per sample. */
  constructor(clean: Float32Array, n: number) {
    this.#images = clean.slice();
    this.#size = clean.length / n;
    this.success = new Uint8Array(n);
    this.merit = new Float64Array(n).fill(-Infinity);
    this.#criterion = new Float64Array(n).fill(Infinity);
  }

  /**
   * Offers one candidate for each of `rows` (positions in the whole batch).
   * x [rows.length,h,w,c]; criterion and merit [rows.length].
   */
  async offer(
    rows: readonly number[],
    x: tf.Tensor4D,
    criterion: ArrayLike<number>,
    merit: ArrayLike<number>,
  ): Promise<void> {
    const better = [...rows.keys()].filter((i) => this.#improves(rows[i], criterion[i], merit[i]));
    if (better.length === 0) return;
    const chosen = better.length === rows.length ? x : takeRows(x, better);
    const values = (await chosen.data()) as Float32Array;
    if (chosen !== x) chosen.dispose();
    better.forEach((i, k) => {
      const row = rows[i];
      this.#images.set(values.subarray(k * this.#size, (k + 1) * this.#size), row * this.#size);
      this.success[row] = isMet(criterion[i]) ? 1 : 0;
      this.merit[row] = merit[i];
      this.#criterion[row] = criterion[i];
    });
  }

  images(): Float32Array {
    return this.#images;
  }

  #improves(row: number, criterion: number, merit: number): boolean {
    const succeeds = isMet(criterion);
    if (this.success[row]) return succeeds && merit > this.merit[row];
    return succeeds || criterion < this.#criterion[row];
  }
}
