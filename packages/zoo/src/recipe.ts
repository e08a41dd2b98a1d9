import type * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';

export type ImageShape = [height: number, width: number, channels: number];

/**
 * One step of training on a batch: x [n,h,w,c] in [0,1]; y is what the model should give, one-hot [n,classes] or images
 * [n,h,w,c]. Gives the loss.
 */
export type Step = (x: tf.Tensor4D, y: tf.Tensor) => tf.Scalar;

/** Networks that are trained together: the model, and others that it needs for its training alone. */
export interface Networks {
  model: tfl.LayersModel;
  /** Saved in folders of these names beside the model. */
  companions: Readonly<Record<string, tfl.LayersModel>>;
}

/** An architecture and how it is trained. */
export interface Recipe {
  name: string;
  kind: 'classifier' | 'autoencoder';
  /** Paper and settings. */
  reference: string;
  epochs: number;
  batchSize: number;
  /** Fresh networks; the same seed gives the same weights. */
  build(shape: ImageShape, seed: number, classes: number): Networks;
  /** How these networks are trained from here on, with an optimiser of its own. */
  trainer(networks: Networks, seed: number): Step;
}
