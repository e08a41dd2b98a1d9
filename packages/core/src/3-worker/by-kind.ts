// What the referee makes of a victim's outputs, by the victim's kind: the one place where it tells the kinds apart.
import { GauntletError, type Goal, type ModelKind, type Outcome, standardGoal, type tf } from '@gauntlet/api';
import { readLogits, saidBefore, saidNow } from './said.js';
import { type Batch, keepOutput, rowOf, type Seen } from './seen.js';

type Truth = Pick<Batch, 'labels' | 'labelSets' | 'targets'>;

/** The sample that an output is of. */
interface Sample extends Truth {
  row: number;
  /** [d] */
  clean: Float32Array;
}

/** Clean inputs, what is true of them, and what is seen of them. */
interface Clean extends Truth {
  /** [n,h,w,c]: a copy, so that the referee's goal stays out of the attack's reach. */
  x: () => tf.Tensor4D;
  seen: Seen;
}

interface Refereeing {
  /** Takes down what the victim gave for a sample. */
  read(output: Float32Array, sample: Sample, into: Seen): void;
  /** The goal of attacks for which the spec sets none. */
  standardGoal(clean: Clean): Goal;
  /** What outcomes say of the clean input. */
  before(seen: Seen, row: number, of: Truth & { size: number }): Partial<Outcome>;
  /** What outcomes say of the perturbed input. */
  after(seen: Seen, row: number, of: Truth & { before: Seen; size: number }): Partial<Outcome>;
}

export const refereeing: { readonly [K in ModelKind]: Refereeing } = {
  classifier: {
    read: (logits, { row, ...truth }, into) => readLogits(logits, truth, into, row),
    standardGoal: ({ labels, labelSets, targets }) =>
      standardGoal(
        labelSets ? { kind: 'multi-label', labelSets } : { kind: 'classifier', labels: labels!, targets },
      ),
    before: (seen, row, truth) => saidBefore(truth, seen, row),
    after: (seen, row, truth) => saidNow(truth, seen, row),
  },
  autoencoder: {
    read(reconstruction, { row, clean }, into) {
      into.loss[row] = squaredError(reconstruction, clean);
      keepOutput(into, row, reconstruction);
    },
    standardGoal: ({ x, seen }) => standardGoal({ kind: 'autoencoder', x: x(), cleanLoss: seen.loss }),
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
