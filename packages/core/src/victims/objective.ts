import { isTensor, mapTensors, type Objective, tensorsIn, tf } from '@gauntlet/api';

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

  value(outputs: O): tf.Tensor1D {
    const result = this.#objective(outputs);
    this.called = true;
    this.clear();
    this.#kept = mapTensors(auxOf(result), (tensor) => tf.keep(tf.clone(tensor)));
    return numberOf(result);
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
