import type { LabelSets, Repeats } from '@gauntlet/api';

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
  /** The class with the largest logit; between equals, one that is not the label. −1 for an autoencoder and a multi-label victim. */
  prediction: Int32Array;
  /** [n·k] 1 for the labels that a multi-label victim says are true; at a tie what is wrong. */
  decisions?: Uint8Array;
  confidence: Float64Array;
  /** Cross-entropy of the label, or an autoencoder's squared error to the clean input. */
  loss: Float64Array;
  /** 0 where an output or the value of a criterion is not finite. */
  finite: Uint8Array;
  /** [n·d] what an autoencoder gives back. */
  reconstruction?: Float32Array;
}
