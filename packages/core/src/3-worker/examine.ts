import { readFileSync } from 'node:fs';
import path from 'node:path';
import {
  anyLabelWrong,
  type Criterion,
  type Examination,
  flatRows,
  misclassified,
  objectiveOf,
  reasonOf,
  Stream,
  tidyAsync,
  victimKinds,
  tf,
} from '@gauntlet/api';
import type { Dataset } from '../datasets/open-dataset.js';
import type { LoadedVictim, Scores } from '../victims/loaded-victim.js';
import type { VictimConfig } from '../victims/open-victim.js';
import { averageGradient, averagePrediction } from '../victims/averaged.js';
import { isRandomised } from '../victims/is-randomised.js';
import { isMemoryError } from './memory-errors.js';
import { variationOf } from './variation.js';

/** Samples that are looked at, and passes over them. Five, as AutoAttack's check of randomness. */
const [most, passes] = [8, 5];

/** Steps of 8 bits that a gradient has to say something about. */
const stepsAhead = 2;

/**
 * Looks at a victim before it is attacked: whether it says the same again, alone and in a batch; whether its outputs are
 * scores; whether its gradient is that of the model a step away. Costs about fifteen passes over eight samples.
 */
export async function examine(
  victim: LoadedVictim,
  config: VictimConfig,
  dataset: Dataset,
  differentiates: boolean,
): Promise<Examination> {
  const n = Math.min(most, dataset.indices.length);
  const indices = Array.from(
    { length: n },
    (_, i) => dataset.indices[Math.floor((i * dataset.indices.length) / n)],
  );
  const images = await dataset.images(indices, victim.traits.bounds);
  const seen: Examination = { samples: n, range: rangeOf(images), cardAccuracy: accuracyOfCard(config) };
  try {
    const outputs = await examineOutputs(victim, images, n);
    const criterion = standardCriterion(victim, dataset, indices);
    const slopes =
      differentiates && criterion
        ? await examineGradient(victim, images, criterion, isRandomised(outputs) ? (config.eot ?? 1) : 1)
        : {};
    return { ...seen, ...outputs, ...slopes };
  } catch (error) {
    if (isMemoryError(error)) throw error;
    return { ...seen, error: reasonOf(error) };
  }
}

/** That a classifier is wrong about samples; nothing where there is no truth. */
function standardCriterion(
  { traits: { kind, multiLabel } }: LoadedVictim,
  dataset: Dataset,
  indices: readonly number[],
): Criterion<Scores> | undefined {
  if (kind !== 'classifier') return undefined;
  const sets = multiLabel ? dataset.labelSets(indices) : undefined;
  if (sets) return anyLabelWrong(sets);
  const labels = dataset.labels(indices);
  return labels && misclassified(labels);
}

/** [n·d] and the width of a row. */
async function outputsOf(victim: LoadedVictim, images: Float32Array, n: number): Promise<Float32Array> {
  const { kind, inputShape } = victim.traits;
  const output = await tidyAsync(async () => {
    const scores = await victim.predict(tf.tensor4d(images, [n, ...inputShape]));
    return flatRows(scores[victimKinds[kind].output]);
  });
  const values = (await output.data()).slice() as Float32Array;
  output.dispose();
  return values;
}

async function examineOutputs(
  victim: LoadedVictim,
  images: Float32Array,
  n: number,
): Promise<Partial<Examination>> {
  const { kind, bounds, outputScale, multiLabel } = victim.traits;
  const first = await outputsOf(victim, images, n);
  const width = first.length / n;
  let repeat = 0;
  for (let pass = 1; pass < passes; pass++)
    repeat = Math.max(repeat, difference(first, await outputsOf(victim, images, n)));
  const size = images.length / n;
  let alone = 0;
  for (const row of n > 1 ? new Set([0, n - 1]) : []) {
    const one = await outputsOf(victim, images.subarray(row * size, (row + 1) * size), 1);
    alone = Math.max(alone, difference(first.subarray(row * width, (row + 1) * width), one));
  }
  if (!victimKinds[kind].hasClasses) return { repeat, alone, variation: variationOf(kind, images, first, n) };
  const [low, high] = bounds;
  const stream = new Stream('examination');
  const noisy = images.map((value) => {
    const moved = value + (stream.normal() * (high - low)) / 255;
    return Math.min(high, Math.max(low, moved));
  });
  const near = await outputsOf(victim, noisy, n);
  const rows = Array.from({ length: n }, (_, i) => first.subarray(i * width, (i + 1) * width));
  const margins = rows.map(multiLabel ? surenessOf : marginOf).filter(Number.isFinite);
  return {
    repeat,
    alone,
    hardLabels: rows.filter(isHard).length,
    probabilities: multiLabel
      ? 0
      : rows.filter((row) => isProbable(row, outputScale === 'log-probabilities')).length,
    ...(margins.length > 0 && { margin: margins.sort((a, b) => a - b)[Math.floor(margins.length / 2)] }),
    stepped: rows.filter((row, i) => row.every((value, k) => value === near[i * width + k])).length,
  };
}

/** Of two outputs the largest difference, as a share of the largest value. What is not finite differs from nothing. */
function difference(a: Float32Array, b: Float32Array): number {
  let [largest, most] = [0, 0];
  a.forEach((value, i) => {
    if (Number.isFinite(value)) largest = Math.max(largest, Math.abs(value));
    const apart = Math.abs(value - b[i]);
    if (Number.isFinite(apart)) most = Math.max(most, apart);
  });
  return largest === 0 ? 0 : most / largest;
}

function marginOf(row: Float32Array): number {
  const [first, second] = [...row].sort((a, b) => b - a);
  return first - second;
}

/** Of a multi-label victim: how near the least sure decision is to the other one. */
const surenessOf = (row: Float32Array): number => Math.min(...row.map(Math.abs));

/** One number at the predicted class, another at all others. */
function isHard(row: Float32Array): boolean {
  const values = new Set(row);
  return (
    row.length > 2 && values.size === 2 && row.filter((value) => value === Math.max(...row)).length === 1
  );
}

/**
 * Whether logits are a sure model's probabilities. Where they are logarithms of a softmax, what it was applied to is known
 * up to a constant: the one with which it sums to 1.
 */
function isProbable(row: Float32Array, logarithms: boolean): boolean {
  const total = row.reduce((a, b) => a + b, 0);
  const shift = logarithms ? (1 - total) / row.length : 0;
  const values = row.map((value) => value + shift);
  const sum = values.reduce((a, b) => a + b, 0);
  return (
    Math.abs(sum - 1) < 1e-3 &&
    values.every((value) => value > -1e-3) &&
    Math.max(...values) > 0.5 + 0.5 / row.length
  );
}

/** The gradient of the margin, and what a step against its signs does, on samples that are classified correctly. */
async function examineGradient(
  victim: LoadedVictim,
  images: Float32Array,
  criterion: Criterion<Scores>,
  eot: number,
): Promise<Partial<Examination>> {
  const { inputShape, bounds } = victim.traits;
  const [low, high] = bounds;
  const n = images.length / inputShape.reduce((a, b) => a * b, 1);
  const step = (stepsAhead * (high - low)) / 255;
  const table = await tidyAsync(async () => {
    const x = tf.tensor4d(images, [n, ...inputShape]);
    const margin = objectiveOf(criterion);
    const { value, gradient } = await averageGradient(victim, x, margin, eot);
    const ahead = tf.clipByValue(tf.sub(x, tf.mul(tf.sign(gradient), step)), low, high) as tf.Tensor4D;
    const promised = tf.sum(flatRows(tf.mul(gradient, tf.sub(x, ahead))), 1);
    const after = margin(await averagePrediction(victim, ahead, eot));
    return tf.stack([value, promised, after]);
  });
  const values = (await table.data()) as Float32Array;
  table.dispose();
  const column = (k: number) => values.subarray(k * n, (k + 1) * n);
  const [before, promised, after] = [column(0), column(1), column(2)];
  const rows = [...before.keys()];
  const slopes = rows
    .filter(
      (i) =>
        before[i] > 0 && promised[i] > 1e-12 && [before[i], promised[i], after[i]].every(Number.isFinite),
    )
    .map((i) => Number(((before[i] - after[i]) / promised[i]).toPrecision(5)));
  return { slopes, step, notFinite: rows.filter((i) => !Number.isFinite(promised[i])).length };
}

function rangeOf(values: Float32Array): [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) [low, high] = [Math.min(low, value), Math.max(high, value)];
  return [low, high];
}

/** What the card beside a model says of it; nothing where there is none. */
function accuracyOfCard({ model, source }: VictimConfig): number | undefined {
  if (source) return undefined;
  try {
    const file = path.join(path.dirname(model), 'card.json');
    const { test } = JSON.parse(readFileSync(file, 'utf8')) as { test?: { accuracy?: unknown } };
    const accuracy = test?.accuracy;
    return typeof accuracy === 'number' && accuracy >= 0 && accuracy <= 1 ? accuracy : undefined;
  } catch {
    return undefined;
  }
}
