import type { LabelSets, Repeats } from '@gauntlet/api';
import type { LoadedVictim } from '../victims/loaded-victim.js';

export interface Batch {
  indices: readonly number[];
  labels?: Int32Array;
  /** Instead of labels, for a multi-label victim. */
  labelSets?: LabelSets;
  targets?: Int32Array;
  /** [n·d] */
  clean: Float32Array;
  /** The victim has randomness: it is asked so often about each sample. */
  repeats?: Repeats;
}

/** What a victim says about a batch, on the host. */
export interface Seen {
  /** The class with the largest logit; between equals, one that is not the label. −1 for a victim without classes or with several labels. */
  prediction: Int32Array;
  confidence: Float64Array;
  /** Cross-entropy of the label, or an autoencoder's squared error to the clean input. */
  loss: Float64Array;
  /** 0 where an output or the value of a criterion is not finite. */
  finite: Uint8Array;
  /**
   * [n·width] what a victim gives that is not one class: reconstructions, embeddings, or of a multi-label victim 1 for each label
   * that it says is true, at a tie what is wrong.
   */
  outputs?: Float32Array;
}

/** Of n samples that nothing is known about yet. */
export const blankSeen = (n: number): Seen => ({
  prediction: new Int32Array(n).fill(-1),
  confidence: new Float64Array(n),
  loss: new Float64Array(n),
  finite: new Uint8Array(n),
});

export function copyRow(from: Seen, into: Seen, row: number): void {
  into.prediction[row] = from.prediction[row];
  into.confidence[row] = from.confidence[row];
  into.loss[row] = from.loss[row];
  if (from.outputs) keepOutput(into, row, rowOf(from, row));
}

/** Keeps what a victim gave for one sample. */
export function keepOutput(into: Seen, row: number, output: Float32Array): void {
  into.outputs ??= new Float32Array(into.loss.length * output.length);
  into.outputs.set(output, row * output.length);
}

/** What it gave for that sample. */
export function rowOf({ outputs, loss }: Seen, row: number): Float32Array {
  const width = outputs!.length / loss.length;
  return outputs!.subarray(row * width, (row + 1) * width);
}

/** [n·d] reconstructions, of an autoencoder: images to show. */
export const reconstructionsOf = (victim: LoadedVictim, seen: Seen | undefined): Float32Array | undefined =>
  victim.traits.kind === 'autoencoder' ? seen?.outputs : undefined;

/** Of the batch only these rows. */
export function pickRows(all: Seen, rows: readonly number[]): Seen {
  return {
    prediction: Int32Array.from(rows, (row) => all.prediction[row]),
    confidence: Float64Array.from(rows, (row) => all.confidence[row]),
    loss: Float64Array.from(rows, (row) => all.loss[row]),
    finite: Uint8Array.from(rows, (row) => all.finite[row]),
    ...(all.outputs && { outputs: pickBlocks(all.outputs, rows, all.loss.length) }),
  };
}

/** Rows of [n·d]. */
export function pickBlocks(all: Float32Array, rows: readonly number[], n: number): Float32Array {
  const size = all.length / n;
  const picked = new Float32Array(rows.length * size);
  rows.forEach((row, i) => picked.set(all.subarray(row * size, (row + 1) * size), i * size));
  return picked;
}
