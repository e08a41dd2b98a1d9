import { type ModelOutputs, tf } from '@gauntlet/api';
import type { OutputName } from './names.js';

/** The objective looked at an output that was not fetched for it. */
export class Missed extends Error {
  constructor(readonly output: OutputName) {
    super(`the objective asks for ${output}`);
  }
}

export interface Taped {
  value: tf.Tensor1D;
  /** d objective / d output for every output that the objective depends on. */
  cotangents: Partial<Record<OutputName, tf.Tensor>>;
  /** Outputs that the objective looked at. */
  read: Set<OutputName>;
}

/**
 * Differentiates an objective with respect to the outputs that were fetched, on TensorFlow.js: outputs are
 * small, and whatever operations a plugin writes its objective in work here. `outputs` is what the model has.
 * @throws Missed if it asks for another output.
 */
export function tapeObjective(
  fetched: Partial<Record<OutputName, tf.Tensor>>,
  outputs: readonly OutputName[],
  objective: (outputs: ModelOutputs) => tf.Tensor1D,
): Taped {
  const available = Object.keys(fetched) as OutputName[];
  const read = new Set<OutputName>();
  const { value, grads } = tf.engine().gradients(
    () => {
      const given = {} as ModelOutputs;
      for (const name of outputs) {
        const get = () => {
          if (!fetched[name]) throw new Missed(name);
          read.add(name);
          return fetched[name];
        };
        Object.defineProperty(given, name, { get, enumerable: true });
      }
      return objective(given);
    },
    available.map((name) => fetched[name]!),
    undefined,
    // An objective need not depend on everything that it could have looked at.
    true,
  );
  const cotangents = Object.fromEntries(
    available.flatMap((name, i) => (grads[i] ? [[name, grads[i]]] : [])),
  ) as Taped['cotangents'];
  return { value: value as tf.Tensor1D, cotangents, read };
}
