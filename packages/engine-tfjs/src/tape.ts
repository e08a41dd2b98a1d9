import { type ModelGradient, type ModelOutputs, tf } from '@gauntlet/api';

/**
 * Tensors caught inside a model's call. They outlive the model's own clean-up and become ordinary tensors
 * of the caller's scope when they are taken out.
 */
export class Taps {
  readonly #caught = new Map<string, tf.Tensor>();

  catch(name: string, tensor: tf.Tensor): void {
    this.#caught.get(name)?.dispose();
    this.#caught.set(name, tf.keep(tf.clone(tensor)));
  }

  peek(name: string): tf.Tensor | undefined {
    return this.#caught.get(name);
  }

  take(name: string): tf.Tensor | undefined {
    const kept = this.#caught.get(name);
    if (!kept) return undefined;
    this.#caught.delete(name);
    const owned = tf.clone(kept);
    kept.dispose();
    return owned;
  }

  clear(): void {
    this.#caught.forEach((tensor) => tensor.dispose());
    this.#caught.clear();
  }
}

/** Runs `forward`, tapes the objective over what it gives, and returns both with the input's gradient. */
export function tapeGradient(
  x: tf.Tensor,
  forward: (x: tf.Tensor) => ModelOutputs,
  objective: (outputs: ModelOutputs) => tf.Tensor1D,
): ModelGradient {
  const taps = new Taps();
  try {
    return tf.tidy(() => {
      const { value, grad } = tf.valueAndGrad((input: tf.Tensor) => {
        const outputs = forward(input);
        taps.catch('output', outputs.output);
        return objective(outputs);
      })(x);
      return { value: value as tf.Tensor1D, gradient: grad, output: taps.take('output')! };
    });
  } finally {
    taps.clear();
  }
}

/** Bytes that a forward pass of one sample holds at its peak, times three for the way back. */
export async function measureBytes(run: () => tf.TensorContainer): Promise<number> {
  const before = tf.memory().numBytes;
  const profile = await tf.profile(() => tf.tidy(run) as tf.TensorContainer);
  tf.dispose(profile.result);
  return 3 * Math.max(1, profile.peakBytes - before);
}
