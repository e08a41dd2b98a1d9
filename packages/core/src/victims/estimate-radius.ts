import { Stream, tf, tidyAsync } from '@gauntlet/api';

/** One step of 8 bits, as a share of the range of inputs. */
export const eightBits = 1 / 255;

/** Radii that are tried, in steps of 8 bits. */
const candidates = [1, 2, 4, 8, 16, 32] as const;
const images = 16;

/**
 * How far an estimate of the gradient looks, as a share of the range of inputs. Where a model is smooth, an answer is twice as large from
 * twice as far; where it moves in steps (its input is rounded, or its numbers have eight bits), √2 times at most scales below them, not at all,
 * or much more. Taken is the first radius whose answers double, else the one that comes nearest, else one step of 8 bits: a
 * model whose answers are random, or the same everywhere, tells of none. Asked about uniform images, the same for every worker: at
 * most 7 batches of 32.
 */
export async function estimateRadius(
  predict: (x: tf.Tensor4D) => Promise<tf.Tensor>,
  [height, width, channels]: readonly [number, number, number],
  [low, high]: readonly [number, number],
): Promise<number> {
  const shape = [images, height, width, channels] as const;
  const stream = new Stream('estimate radius');
  const draw = (next: () => number) =>
    tf.tensor4d(Float32Array.from({ length: images * height * width * channels }, next), [...shape]);
  const x = draw(() => stream.uniform(low, high));
  const direction = draw(() => stream.normal());
  /** Σ (f(x + σu) − f(x − σu))², σ so many steps of 8 bits. */
  const response = async (steps: number): Promise<number> => {
    const squares = await tidyAsync(async () => {
      const step = tf.mul(direction, steps * eightBits * (high - low));
      const answers = await predict(tf.concat([tf.add(x, step), tf.sub(x, step)]));
      const [up, down] = tf.split(answers, 2);
      return tf.sum(tf.squaredDifference(up!, down!)).data();
    });
    return Math.sqrt(squares[0]!);
  };
  let nearest = { steps: 1, off: 0.5 };
  let here = await response(1);
  for (const steps of candidates) {
    const there = await response(2 * steps);
    const off = Math.abs(there / here - 2);
    if (off < nearest.off) nearest = { steps, off };
    if (off <= 0.2) break;
    here = there;
  }
  tf.dispose([x, direction]);
  return nearest.steps * eightBits;
}
