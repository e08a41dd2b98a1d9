import { tf } from '@gauntlet/api';

/** Reads of the device that are under way while the host goes on, until it settles them. */
export class PendingRead {
  #under: Promise<unknown> = Promise.resolve();

  /** Reads a tensor, which is this object's from now on, and hands its values over when they are here. */
  start(tensor: tf.Tensor, handle: (values: Float32Array) => void): void {
    tf.keep(tensor);
    const read = tensor
      .data()
      .then((values) => handle(values as Float32Array))
      .finally(() => tensor.dispose());
    this.#under = Promise.all([this.#under, read]);
    // What fails is thrown by `settle`; until then it is no unhandled rejection.
    this.#under.catch(() => {});
  }

  /** Waits for all reads. Throws what the first of them failed with, once. */
  async settle(): Promise<void> {
    const under = this.#under;
    this.#under = Promise.resolve();
    await under;
  }
}
