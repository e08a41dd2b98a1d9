import { type ImageOrder, tf } from '@gauntlet/api';
import { type Dataset, openEngine, openVictim, type VictimConfig } from '@gauntlet/core';
import { better, type Candidate, candidates } from './preprocessing.js';

export type Kind = 'classifier' | 'autoencoder';

/**
 * The input's shape, whether the output has as many numbers (an autoencoder), and where a flat input does not tell the order
 * of an image of several channels, both.
 */
export async function lookAtModel(
  model: string,
  imageShape?: readonly [number, number, number],
): Promise<{ shape: readonly number[]; kind: Kind; orders?: readonly ImageOrder[] }> {
  const engine = await openEngine('auto');
  const loaded = await engine.load({ path: model, output: 'auto', imageShape });
  // What a model leaves open (-1) is as the images are.
  const shape = loaded.inputShape.map((size, i) =>
    size < 0 && loaded.inputShape.length === 3 ? (imageShape?.[i] ?? size) : size,
  );
  if (shape.some((size) => size <= 0)) return { shape, kind: 'classifier' };
  const x = tf.zeros([1, ...shape]);
  const output = await loaded.predict(x);
  const orders =
    shape.length === 1 && !loaded.flatOrder && (imageShape?.[2] ?? 1) > 1
      ? (['nchw', 'nhwc'] as const)
      : undefined;
  const kind = output.size === shape.reduce((a, b) => a * b, 1) ? 'autoencoder' : 'classifier';
  tf.dispose([x, output]);
  loaded.dispose();
  return { shape, kind, orders };
}

export interface Measured extends Candidate {
  accuracy: number;
  classes: number;
  n: number;
}

/**
 * Clean accuracy on the first images, with the preprocessing, and of `orders` the one, that suits the model; without labels
 * nothing.
 */
export async function measure(
  model: string,
  data: Dataset,
  bounds: [number, number],
  most: number,
  orders?: readonly ImageOrder[],
): Promise<{ chosen: Measured; plain: Measured } | undefined> {
  const indices = data.indices.slice(0, most);
  const labels = data.labels(indices);
  if (!labels) return undefined;
  const images = await data.images(indices, bounds);
  const config = {
    name: 'init',
    model,
    kind: 'classifier',
    bounds,
    output: 'auto',
    engine: 'auto',
  } as const;
  const among = async (layout?: ImageOrder) => {
    const measured: Measured[] = [];
    for (const candidate of candidates(bounds, data.imageShape[2])) {
      const preprocess = { ...candidate.preprocess, ...(layout && { layout }) };
      const { predicted, classes } = await predict({ ...config, preprocess }, data.imageShape, images);
      const right = predicted.filter((one, i) => one === labels[i]).length;
      measured.push({
        ...candidate,
        preprocess,
        accuracy: right / indices.length,
        classes,
        n: indices.length,
      });
    }
    const [plain, ...others] = measured;
    const best = others.reduce((a, b) => (b.accuracy > a.accuracy ? b : a), plain);
    return { plain, chosen: better(best.accuracy, plain.accuracy) ? best : plain };
  };
  if (!orders) return among();
  const [first, second] = [await among(orders[0]), await among(orders[1])];
  if (better(first.chosen.accuracy, second.chosen.accuracy)) return first;
  if (better(second.chosen.accuracy, first.chosen.accuracy)) return second;
  // Neither is seen to be right, which is what this says.
  return among();
}

/** Classes of images, [n·h·w·c], 50 at a time. */
async function predict(config: VictimConfig, shape: [number, number, number], images: Float32Array) {
  const { victim, info } = await openVictim(config, shape);
  const size = shape[0] * shape[1] * shape[2];
  const predicted: number[] = [];
  for (let from = 0; from < images.length; from += 50 * size) {
    const part = images.subarray(from, from + 50 * size);
    const x = tf.tensor4d(part, [part.length / size, ...shape]);
    const outputs = (await victim.predict(x)) as { logits: tf.Tensor2D };
    const classes = tf.argMax(outputs.logits, 1);
    predicted.push(...(await classes.data()));
    tf.dispose([x, classes, Object.values(outputs)]);
  }
  victim.dispose();
  return { predicted, classes: info.classes };
}

/** Whether so many right answers can be had by guessing (two standard errors above it at most). */
export function nearChance({ accuracy, classes, n }: Measured): boolean {
  const chance = 1 / classes;
  return accuracy <= chance + 2 * Math.sqrt((chance * (1 - chance)) / n);
}
