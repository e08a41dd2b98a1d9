// What the referee makes of a victim's outputs, by the victim's kind: the one place where it tells the kinds apart.
import { GauntletError, type Goal, type ModelKind, type Outcome, standardGoal, type tf } from '@gauntlet/api';
import { keepOutput, rowOf, type Seen } from './seen.js';

/** The sample that an output is of. */
interface Sample {
  row: number;
  label?: number;
  /** [d] */
  clean: Float32Array;
}

/** Clean inputs and what is seen of them. */
interface Clean {
  /** [n,h,w,c] */
  x: tf.Tensor4D;
  labels?: Int32Array;
  targets?: Int32Array;
  seen: Seen;
}

interface Refereeing {
  /** Takes down what the victim gave for a sample. */
  read(output: Float32Array, sample: Sample, into: Seen): void;
  /** The goal of attacks for which the spec sets none. */
  standardGoal(clean: Clean): Goal;
  /** What outcomes say of the clean input. */
  before(
    seen: Seen,
    row: number,
    of: { labels?: Int32Array; targets?: Int32Array; size: number },
  ): Partial<Outcome>;
  /** What outcomes say of the perturbed input. */
  after(seen: Seen, row: number, of: { before: Seen; size: number }): Partial<Outcome>;
}

export const refereeing: { readonly [K in ModelKind]: Refereeing } = {
  classifier: {
    read: (logits, { row, label }, into) => classify(logits, label, into, row),
    standardGoal: ({ labels, targets }) => standardGoal({ kind: 'classifier', labels: labels!, targets }),
    before: (seen, row, { labels, targets }) => ({
      label: labels![row],
      target: targets?.[row],
      cleanPrediction: seen.prediction[row],
      cleanConfidence: seen.confidence[row],
      cleanLoss: seen.loss[row],
    }),
    after: (seen, row) => ({
      prediction: seen.prediction[row],
      confidence: seen.confidence[row],
      loss: seen.loss[row],
    }),
  },
  autoencoder: {
    read(reconstruction, { row, clean }, into) {
      into.loss[row] = squaredError(reconstruction, clean);
      keepOutput(into, row, reconstruction);
    },
    standardGoal: ({ x, seen }) => standardGoal({ kind: 'autoencoder', x, cleanLoss: seen.loss }),
    before: (seen, row, { size }) => ({
      cleanLoss: seen.loss[row],
      cleanReconstructionError: seen.loss[row] / size,
    }),
    after: (seen, row, { size }) => ({ loss: seen.loss[row], reconstructionError: seen.loss[row] / size }),
  },
  encoder: {
    read: (embedding, { row }, into) => keepOutput(into, row, embedding),
    standardGoal() {
      throw new GauntletError('criterion-missing', 'Attacks on an encoder need a "criterion".');
    },
    before: () => ({}),
    after: (seen, row, { before }) => ({
      embeddingDistance: cosineDistance(rowOf(before, row), rowOf(seen, row)),
    }),
  },
};

function classify(logits: Float32Array, label: number | undefined, into: Seen, row: number): void {
  let best = 0;
  for (let k = 1; k < logits.length; k++)
    if (logits[k] > logits[best] || (logits[k] === logits[best] && best === label)) best = k;
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

/** 1 − cos(a, b); 1 where one of them is zero everywhere. */
function cosineDistance(a: Float32Array, b: Float32Array): number {
  let [both, first, second] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    both += a[i] * b[i];
    first += a[i] ** 2;
    second += b[i] ** 2;
  }
  return first === 0 || second === 0 ? 1 : Math.max(0, 1 - both / Math.sqrt(first * second));
}
