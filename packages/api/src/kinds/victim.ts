import type * as tf from '@tensorflow/tfjs-core';
import type { ParamsOf, ParamsSchema } from '../params.js';

import type { Features, ModelKind } from '../victim-kinds.js';
import { asPlugin, type Contracted, type PluginDescription } from './contract.js';

/** What the spec says of the victim, and the data of the images that will come. */
export interface VictimContext<P> {
  kind: ModelKind;
  /** [height, width, channels] */
  imageShape: readonly [number, number, number];
  /** Smallest and largest value of an input. */
  bounds: readonly [number, number];
  /** Folder of the spec, to which paths among the options are relative. */
  folder: string;
  /** Validated, defaults filled in. */
  params: P;
}

/**
 * A model in code: [n,h,w,c] in the victim's bounds → [n, classes] logits or probabilities, (autoencoder) what it makes of
 * the images, [n,h,w,c], or (encoder) an embedding of each, [n, d].
 */
export interface VictimModel {
  /** sha256 or any other text that changes whenever the model computes something else: outcomes are reused by it. */
  hash: string;
  /** In TensorFlow.js operations on the tensors given: such a model is differentiated by itself. */
  forward?(x: tf.Tensor4D): tf.Tensor;
  /** Any other way to compute it, for example over a network; attacks then need `gradients: estimated`, or none. */
  predict?(x: tf.Tensor4D): Promise<tf.Tensor>;
  /** What mutual information looks at, in TensorFlow.js operations; by default 3×3 patches of the input. */
  features?(x: tf.Tensor4D): Features;
  /** What the user should know, a sentence each; goes into the report. */
  notes?: readonly string[];
  dispose?(): void;
}

/** What `defineVictim` takes: a model in code with options of schema S. */
export interface VictimDefinition<S extends ParamsSchema> extends PluginDescription<S> {
  /**
   * Opens the model, once in each worker. It has `forward` or `predict`.
   * @throws whatever tells the user what is wrong with the options
   */
  open(context: VictimContext<ParamsOf<S>>): VictimModel | Promise<VictimModel>;
}

/** A victim as the runner handles it, whatever its options are. */
export interface VictimPlugin extends Contracted<'victim'>, PluginDescription {
  open(context: VictimContext<unknown>): VictimModel | Promise<VictimModel>;
}

/** Declares a model in code; `victim: { use: ./mine.js, params, kind, bounds }` in a spec attacks it. */
export function defineVictim<const S extends ParamsSchema>(definition: VictimDefinition<S>): VictimPlugin {
  return asPlugin('victim', definition) as unknown as VictimPlugin;
}
