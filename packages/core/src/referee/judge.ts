import * as tf from '@tensorflow/tfjs-core';
import type { Goal, VictimOutputs } from '../attacks/criteria.js';
import { tidyAsync } from '../tensors/scope.js';
import type { LoadedVictim } from '../victims/loaded-victim.js';

/** What a victim says about a batch, on the host. */
export interface Judgement {
  prediction: Int32Array;
  confidence: Float64Array;
  loss: Float64Array;
  /** Values of the attack's own criterion, if it has one. */
  criterion?: Float64Array;
  finite: Uint8Array;
  /** [n·d] what an autoencoder gives back. */
  reconstruction?: Float32Array;
}

export interface Batch {
  indices: readonly number[];
  labels?: Int32Array;
  targets?: Int32Array;
  /** [n·d] */
  clean: Float32Array;
}

/**
 * Predictions, confidences and losses of images [n·d]; the loss of an autoencoder is against `clean`. `goal` is the
 * attack's own criterion for the rows of the batch, if it has one; `alone` looks at each image by itself.
 */
export async function judge(
  victim: LoadedVictim,
  images: Float32Array,
  clean: Float32Array,
  labels: Int32Array | undefined,
  { goal, alone = false }: { goal?: Goal; alone?: boolean } = {},
): Promise<Judgement> {
  const size = victim.traits.inputShape.reduce((a, b) => a * b, 1);
  const n = images.length / size;
  const step = alone ? 1 : n;
  const autoencoder = victim.traits.kind === 'autoencoder';
  const result: Judgement = {
    prediction: new Int32Array(n).fill(-1),
    confidence: new Float64Array(n),
    loss: new Float64Array(n),
    finite: new Uint8Array(n),
    ...(goal && { criterion: new Float64Array(n) }),
    ...(autoencoder && { reconstruction: new Float32Array(n * size) }),
  };
  for (let from = 0; from < n; from += step) {
    const part = (values: Float32Array) => values.subarray(from * size, (from + step) * size);
    const values = await outputValues(victim, part(images));
    const width = values.length / step;
    for (let i = 0; i < step; i++) {
      const row = from + i;
      const output = values.subarray(i * width, (i + 1) * width);
      result.finite[row] = output.every(Number.isFinite) ? 1 : 0;
      if (autoencoder)
        result.loss[row] = squaredError(output, part(clean).subarray(i * size, (i + 1) * size));
      else classify(output, labels?.[row], result, row);
    }
    result.reconstruction?.set(values, from * size);
    if (!goal) continue;
    const rows = Array.from({ length: step }, (_, i) => from + i);
    (await criterionValues(victim, part(images), goal, rows)).forEach((value, i) => {
      result.criterion![from + i] = value;
      if (!Number.isFinite(value)) result.finite[from + i] = 0;
    });
  }
  return result;
}

async function outputValues(victim: LoadedVictim, images: Float32Array): Promise<Float32Array> {
  const [h, w, c] = victim.traits.inputShape;
  const output = await tidyAsync(async () => {
    const outputs = await victim.predict(tf.tensor4d(images, [images.length / (h * w * c), h, w, c]));
    return victim.traits.kind === 'autoencoder' ? outputs.reconstruction : outputs.logits;
  });
  const values = (await output.data()) as Float32Array;
  output.dispose();
  return values;
}

/** A criterion may look at anything the victim gives, features too. */
async function criterionValues(
  victim: LoadedVictim,
  images: Float32Array,
  goal: Goal,
  rows: readonly number[],
): Promise<Float32Array> {
  const value = await tidyAsync(async () => {
    const x = tf.tensor4d(images, [rows.length, ...victim.traits.inputShape]);
    const outputs = { ...(await victim.predict(x)), ...(await victim.features(x)) } as VictimOutputs;
    return goal(rows).value(outputs);
  });
  const values = (await value.data()) as Float32Array;
  value.dispose();
  return values;
}

function classify(logits: Float32Array, label: number | undefined, into: Judgement, row: number): void {
  let best = 0;
  for (let k = 1; k < logits.length; k++) if (logits[k] > logits[best]) best = k;
  let sum = 0;
  for (const logit of logits) sum += Math.exp(logit - logits[best]);
  into.prediction[row] = best;
  into.confidence[row] = 1 / sum;
  into.loss[row] = label === undefined ? NaN : Math.log(sum) + logits[best] - logits[label];
}

function squaredError(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] - b[i]) ** 2;
  return sum;
}

/** Of the batch only these rows. */
export function pickRows(all: Judgement, rows: readonly number[]): Judgement {
  return {
    prediction: Int32Array.from(rows, (row) => all.prediction[row]),
    confidence: Float64Array.from(rows, (row) => all.confidence[row]),
    loss: Float64Array.from(rows, (row) => all.loss[row]),
    finite: Uint8Array.from(rows, (row) => all.finite[row]),
    criterion: all.criterion && Float64Array.from(rows, (row) => all.criterion![row]),
    reconstruction: all.reconstruction && pickBlocks(all.reconstruction, rows, all.loss.length),
  };
}

/** Rows of [n·d]. */
export function pickBlocks(all: Float32Array, rows: readonly number[], n: number): Float32Array {
  const size = all.length / n;
  const picked = new Float32Array(rows.length * size);
  rows.forEach((row, i) => picked.set(all.subarray(row * size, (row + 1) * size), i * size));
  return picked;
}
