import { type Gradient, mapTensors, type Objective, tensorsIn, tidyAsync, tf } from '@gauntlet/api';
import type { LoadedVictim, Outputs, Scores } from './loaded-victim.js';

/** Σ of what is real in two results of the same form; all else is the first one's. */
function add<T>(a: T, b: T): T {
  const others = tensorsIn(b);
  return mapTensors(a, (tensor) => {
    const other = others.shift()!;
    return tensor.dtype === 'float32' ? tf.add(tensor, other) : tf.clone(tensor);
  });
}

/** The mean of n draws, one after the other. */
async function meanOf<T>(n: number, draw: () => Promise<T>): Promise<T> {
  return tidyAsync(async () => {
    let sum = await draw();
    for (let k = 1; k < n; k++) {
      const [last, next] = [sum, await draw()];
      sum = add(last, next);
      tf.dispose([...tensorsIn(last), ...tensorsIn(next)]);
    }
    return mapTensors(sum, (tensor) =>
      tensor.dtype === 'float32' ? tf.mul(tensor, 1 / n) : tf.clone(tensor),
    );
  });
}

/** What a victim with randomness says of x on average over n passes. */
export const averagePrediction = (victim: LoadedVictim, x: tf.Tensor4D, n: number): Promise<Scores> =>
  meanOf(n, () => victim.predict(x));

/**
 * Expectation over transformation (Athalye, Engstrom, Ilyas, Kwok 2018, equation 3), the transformation being the victim's own
 * randomness: ∇ E f(x) ≈ 1/n Σ_k ∇ f_k(x), and with it the means of value and outputs.
 */
export const averageGradient = <A = undefined>(
  victim: LoadedVictim,
  x: tf.Tensor4D,
  objective: (outputs: Outputs) => Objective<A>,
  n: number,
): Promise<Gradient<Outputs, A>> => meanOf(n, () => victim.differentiate(x, objective));
