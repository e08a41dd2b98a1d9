import * as tf from '@tensorflow/tfjs-core';
import type { Goal, VictimOutputs } from '../attacks/criteria.js';
import type { ThreatModel } from '../attacks/threat-model.js';
import { tidyAsync } from '../tensors/scope.js';
import type { LoadedVictim } from '../victims/loaded-victim.js';
import { distances, findDefect, roundToBytes } from './measure.js';
import type { Outcome } from './outcome.js';
import type { FeatureBlock, Yardstick } from './yardstick.js';

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

/** Is the attack's goal met for a row, given what the victim says now and said of the clean input? */
export function goalMet(
  victim: LoadedVictim,
  batch: Batch,
  row: number,
  now: Judgement,
  before: Judgement,
): boolean {
  if (now.criterion) return now.criterion[row] <= 0;
  if (victim.traits.kind === 'autoencoder') return now.loss[row] <= before.loss[row];
  if (batch.targets) return now.prediction[row] === batch.targets[row];
  return now.prediction[row] !== batch.labels![row];
}

export interface Returned {
  /** [n·d], in the order of the batch. */
  perturbed: Float32Array;
  own?: ArrayLike<number>;
}

export interface Assessment {
  outcomes: Outcome[];
  /** [n·d] what an autoencoder makes of the perturbed inputs. */
  reconstruction?: Float32Array;
}

/**
 * Recomputes everything about the samples an attack returned, from the bytes alone: finite, in the box,
 * inside epsilon; prediction in the batch, alone, and after rounding to 8 bits; distances; mutual information.
 */
export async function assess(
  victim: LoadedVictim,
  batch: Batch,
  before: Judgement,
  { perturbed, own }: Returned,
  threat: ThreatModel,
  yardstick: Yardstick | undefined,
  goal?: Goal,
): Promise<Assessment> {
  const { bounds } = victim.traits;
  const n = batch.indices.length;
  const size = batch.clean.length / n;
  const rowOf = (values: Float32Array, row: number) => values.subarray(row * size, (row + 1) * size);
  const defects = batch.indices.map((_, row) =>
    findDefect(rowOf(batch.clean, row), rowOf(perturbed, row), bounds, threat),
  );
  // A defective sample must not reach the others through the batch; its row is judged as the clean image.
  const safe = perturbed.slice();
  defects.forEach((defect, row) => defect && safe.set(rowOf(batch.clean, row), row * size));

  const together = await judge(victim, safe, batch.clean, batch.labels, { goal });
  const alone = await judge(victim, safe, batch.clean, batch.labels, { goal, alone: true });
  const asBytes = roundToBytes(safe, bounds);
  const rounded = await judge(victim, asBytes, batch.clean, batch.labels, { goal });
  const mutual = yardstick && (await mutualInformation(victim, yardstick, batch.clean, safe));

  const outcomes = batch.indices.map((index, row): Outcome => {
    const common: Outcome = {
      index,
      status: 'held',
      label: batch.labels?.[row],
      target: batch.targets?.[row],
      ...(victim.traits.kind === 'classifier' && {
        cleanPrediction: before.prediction[row],
        cleanConfidence: before.confidence[row],
      }),
      cleanLoss: before.loss[row],
      ...(victim.traits.kind === 'autoencoder' && { cleanReconstructionError: before.loss[row] / size }),
    };
    const defect = defects[row];
    if (defect)
      return { ...common, status: 'unassessed', reason: `the attack's sample is ${defect.kind}`, defect };
    if (!together.finite[row] || !alone.finite[row]) {
      return {
        ...common,
        status: 'unassessed',
        reason: 'the victim gives NaN or infinite outputs for the perturbed input',
      };
    }
    const met = goalMet(victim, batch, row, together, before);
    if (met !== goalMet(victim, batch, row, alone, before)) {
      return {
        ...common,
        status: 'unassessed',
        reason: 'the victim judges the sample differently alone and in a batch',
      };
    }
    const lengths = distances(rowOf(batch.clean, row), rowOf(perturbed, row));
    // An input is reconstructed no worse than itself: what was not perturbed is no example of anything.
    const broken = met && lengths.l0 > 0;
    return {
      ...common,
      status: broken ? 'broken' : 'held',
      ...(victim.traits.kind === 'classifier' && {
        prediction: together.prediction[row],
        confidence: together.confidence[row],
      }),
      loss: together.loss[row],
      ...(victim.traits.kind === 'autoencoder' && { reconstructionError: together.loss[row] / size }),
      ...(together.criterion && { criterion: together.criterion[row] }),
      brokenRounded:
        goalMet(victim, batch, row, rounded, before) &&
        distances(rowOf(batch.clean, row), rowOf(asBytes, row)).l0 > 0,
      ...lengths,
      ...(mutual && { mi: mutual.mi[row], miSelf: mutual.self[row] }),
      ...(own && Number.isFinite(own[row]) && { miOwn: own[row] }),
    };
  });
  return { outcomes, reconstruction: together.reconstruction };
}

async function mutualInformation(
  victim: LoadedVictim,
  yardstick: Yardstick,
  clean: Float32Array,
  perturbed: Float32Array,
) {
  const a = await featureBlock(victim, clean);
  const b = await featureBlock(victim, perturbed);
  return { mi: yardstick.estimate(a, b), self: yardstick.estimate(a, a) };
}

async function featureBlock(victim: LoadedVictim, images: Float32Array): Promise<FeatureBlock> {
  const [h, w, c] = victim.traits.inputShape;
  const preactivation = await tidyAsync(
    async () =>
      (await victim.features(tf.tensor4d(images, [images.length / (h * w * c), h, w, c]))).preactivation,
  );
  const data = (await preactivation.data()) as Float32Array;
  const [n, height, width, channels] = preactivation.shape;
  preactivation.dispose();
  return { data, n, positions: height * width, channels };
}
