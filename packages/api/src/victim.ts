import type * as tf from '@tensorflow/tfjs-core';
import type { GraphRunner } from './kinds/graph-runner.js';
import type { Objective } from './objective.js';
import type {
  AutoencoderOutputs,
  ClassifierOutputs,
  EncoderOutputs,
  Features,
  ModelKind,
} from './victim-kinds.js';

/**
 * Where features come from. `patches`: the victim has no convolution, so 3×3 patches of the input are
 * projected on a seeded random orthonormal basis (a rotation, which the Gaussian estimate does not see).
 */
export type FeatureSource = { kind: 'convolution'; layer: string } | { kind: 'patches' };

export interface Gradient<O, A = undefined> {
  /** [n] */
  value: tf.Tensor1D;
  /** [n,h,w,c], the gradient of value_i with respect to x_i, in the units of x. */
  gradient: tf.Tensor4D;
  /** Without the features: ask `features` for those. */
  outputs: Omit<O, keyof Features>;
  /** The objective's auxiliary values at x. */
  aux: A;
}

/**
 * The model under test. Inputs are [n,h,w,c] float32 in `bounds`. Whatever is returned belongs to the caller
 * (`tidyAsync` disposes it at the end of a scope). Every call is counted to the samples it is made for.
 */
export interface Victim<O extends Features = ClassifierOutputs> {
  readonly kind: ModelKind;
  /** [h, w, c] */
  readonly inputShape: readonly [number, number, number];
  readonly bounds: readonly [number, number];
  /** Number of classes; 0 for a victim that has none. */
  readonly classes: number;
  readonly featureSource: FeatureSource;
  /** Runs ONNX graphs of an attack's own on the victim's device; absent where the victim's engine runs none. */
  readonly graphs?: GraphRunner;
  /** Without the features, which cost more to hand over than many a model to run: ask `features` for those. */
  predict(x: tf.Tensor4D): Promise<Omit<O, keyof Features>>;
  /** Features alone: the first convolution and nothing after it. Not counted as a forward pass. */
  features(x: tf.Tensor4D): Promise<Features>;
  /**
   * Value of an objective over the outputs and its gradient with respect to x. `objective` is a pure function
   * in tfjs operations that gives one number per sample; weights are constants. To look at values that it makes on the way,
   * let it return `{ objective, aux }`: they come back as `aux`, computed in the same pass.
   */
  differentiate<A = undefined>(
    x: tf.Tensor4D,
    objective: (outputs: O) => Objective<A>,
  ): Promise<Gradient<O, A>>;
  /** A view whose calls are counted to these rows of the batch, for attacks whose samples leave it. */
  rows(rows: readonly number[]): Victim<O>;
}

export type Classifier = Victim<ClassifierOutputs>;
export type Autoencoder = Victim<AutoencoderOutputs>;
export type Encoder = Victim<EncoderOutputs>;
export type AnyVictim = Victim<ClassifierOutputs & AutoencoderOutputs & EncoderOutputs>;

/** What the numbers of the output are. */
export type OutputScale = 'logits' | 'log-probabilities' | 'reconstruction' | 'embedding';
