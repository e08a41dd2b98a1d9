import { GauntletError, isTensor, mapTensors, type Objective, tensorsIn, tf } from '@gauntlet/api';

/** The number of an objective, without its auxiliary values. */
export const numberOf = (result: Objective<unknown>): tf.Tensor1D =>
  isTensor(result) ? result : result.objective;

/** The auxiliary values of an objective; undefined where it has none. */
export const auxOf = <A>(result: Objective<A>): A => (isTensor(result) ? (undefined as A) : result.aux);

/**
 * An objective for engines, which know numbers only. Engines call it in a scope of their own, and some call it again; the
 * auxiliary values of its last call are kept until they are taken or cleared.
 */
export class TapedObjective<O, A> {
  readonly #objective: (outputs: O) => Objective<A>;
  #kept?: A;
  /** The engine has called it. */
  called = false;

  constructor(objective: (outputs: O) => Objective<A>) {
    this.#objective = objective;
  }

  /** @param n Number of samples, of which each is to have a number. */
  value(outputs: O, n: number): tf.Tensor1D {
    const result = this.#objective(outputs);
    this.called = true;
    const numbers = numberOf(result);
    const { shape } = numbers;
    // A mean over the batch would make the gradient of a sample depend on the others.
    if (shape.length !== 1 || shape[0] !== n)
      throw new GauntletError(
        'objective-shape',
        `the objective gave a tensor of shape [${shape.join(', ')}] for a batch of ${n}. It has to give one number per sample, [${n}]: take sums or means over all axes but the first.`,
      );
    this.clear();
    this.#kept = mapTensors(auxOf(result), (tensor) => tf.keep(tf.clone(tensor)));
    return numbers;
  }

  /** The auxiliary values, as tensors of the current scope. */
  take(): A {
    const taken = mapTensors(this.#kept as A, (tensor) => tf.clone(tensor));
    this.clear();
    return taken;
  }

  clear(): void {
    tensorsIn(this.#kept).forEach((tensor) => tensor.dispose());
    this.#kept = undefined;
  }
}
