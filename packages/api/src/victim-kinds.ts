import type * as tf from '@tensorflow/tfjs-core';

/** What mutual information looks at: [n,h,w,c], h·w positions and c channels. */
export interface Features {
  /** First convolution after its activation; for a victim without one, see `FeatureSource`. */
  features: tf.Tensor4D;
  /** The same before the activation. */
  preactivation: tf.Tensor4D;
}
export interface ClassifierOutputs extends Features {
  /** [n, classes] */
  logits: tf.Tensor2D;
}
export interface AutoencoderOutputs extends Features {
  /** Same shape and units as the input. */
  reconstruction: tf.Tensor4D;
}

export interface EncoderOutputs extends Features {
  /** [n, d]; what stands for an image elsewhere, such as in a search or in a later classifier. */
  embedding: tf.Tensor2D;
}

/** Every kind of victim and what it gives. A new kind is a line here and one below, and the compiler finds the rest. */
export interface VictimKinds {
  classifier: ClassifierOutputs;
  autoencoder: AutoencoderOutputs;
  encoder: EncoderOutputs;
}

export type ModelKind = keyof VictimKinds;

interface Traits<K extends ModelKind> {
  /** In sentences. */
  called: string;
  /** What it gives beside the features. */
  output: Exclude<keyof VictimKinds[K], 'features' | 'preactivation'>;
  /** It is attacked only with labels, and its outputs are numbers of classes. */
  hasClasses: boolean;
  /** The goal of attacks on it where the spec sets none; without one, each attack needs a `criterion`. */
  standardGoal?: string;
}

/** What tells the kinds apart. */
export const victimKinds: { readonly [K in ModelKind]: Traits<K> } = {
  classifier: {
    called: 'a classifier',
    output: 'logits',
    hasClasses: true,
    standardGoal: 'misclassified, or classified as the target',
  },
  autoencoder: {
    called: 'an autoencoder',
    output: 'reconstruction',
    hasClasses: false,
    standardGoal: 'reconstructed no worse than the clean input',
  },
  encoder: { called: 'an encoder', output: 'embedding', hasClasses: false },
};

export const modelKinds = Object.keys(victimKinds) as ModelKind[];
