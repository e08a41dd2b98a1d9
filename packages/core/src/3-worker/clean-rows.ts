import { takeRows, tf } from '@gauntlet/api';

type Shape = readonly [number, number, number, number];

/** The clean batch on the device: uploaded once, and gathered once for as long as the same rows are asked for. */
export class CleanRows {
  readonly #values: Float32Array;
  readonly #shape: Shape;
  #whole?: tf.Tensor4D;
  #last?: { rows: string; images: tf.Tensor4D };

  constructor(values: Float32Array, shape: Shape) {
    this.#values = values;
    this.#shape = shape;
  }

  /** [rows.length,h,w,c]; stays this object's, and is there until other rows are asked for. */
  take(rows: readonly number[]): tf.Tensor4D {
    this.#whole ??= tf.keep(tf.tensor4d(this.#values, [...this.#shape]));
    const key = rows.join();
    if (this.#last?.rows === key) return this.#last.images;
    this.#last?.images.dispose();
    const images = tf.keep(takeRows(this.#whole, rows));
    this.#last = { rows: key, images };
    return images;
  }

  dispose(): void {
    tf.dispose([this.#whole, this.#last?.images].filter((images) => images !== undefined));
    this.#whole = this.#last = undefined;
  }
}
