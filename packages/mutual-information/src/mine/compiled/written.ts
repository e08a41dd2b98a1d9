import type { Builder, Dim } from '@gauntlet/onnx-gradient';
import type * as tf from '@tensorflow/tfjs-core';

/** The ONNX side of a critic: the same operations as its tfjs side, written as graph nodes. */
export interface WrittenCritic {
  /** Critics of one kind and one set of sizes write the same graph. */
  readonly kind: string;
  /** Parameters, by position, that are held turned: [n,H,D] for [n,D,H]. */
  readonly turned: readonly number[];
  /** u [n,D,K], a sample a column → [n,K,H]; `theta` names the parameters in their order. */
  left(g: Builder, u: string, theta: readonly string[]): string;
  right(g: Builder, v: string, theta: readonly string[]): string;
}

/** The ONNX side of a sampling. */
export interface WrittenSampling {
  readonly kind: string;
  /** Tensors of the clean side that `v` needs beside the perturbed part, by name. */
  state(): Readonly<Record<string, tf.Tensor>>;
  /** Samples are the columns of what `v` gives, [n,D,K], or its rows, [n,K,D]: as they come out of the part. */
  readonly columns: boolean;
  /** part [n,h,w,c] → v */
  v(g: Builder, part: string): string;
  /** Sizes of the part without the batch. */
  part: readonly Dim[];
}
