import type * as tf from '@tensorflow/tfjs-core';
import type { Labelled } from '../objective.js';
import type { ParamsOf, ParamsSchema } from '../params.js';
import { asPlugin, type Contracted, type PluginDescription } from './contract.js';
import type { GraphRunner } from './graph-runner.js';

/** What a model gives for a batch. All tensors belong to the caller. */
export interface ModelOutputs {
  /** [n, ...] — what the model returns (logits instead of probabilities where that was possible). */
  output: tf.Tensor;
  /** [n,h,w,c] — the first convolution after its activation; absent for a model without one. */
  features?: tf.Tensor4D;
  /** [n,h,w,c] — the same before the activation. */
  preactivation?: tf.Tensor4D;
}

export type ModelFeatures = Required<Pick<ModelOutputs, 'features' | 'preactivation'>>;

export interface ModelGradient {
  /** [n] — the objective. */
  value: tf.Tensor1D;
  /** Same shape as the input: d objective_i / d input_i. */
  gradient: tf.Tensor;
  /** As of `ModelOutputs`. */
  output: tf.Tensor;
}

export type ModelObjective = ((outputs: ModelOutputs) => tf.Tensor1D) & Labelled;

/** Which order the numbers of an image are in: channel by channel (as PyTorch has it), or pixel by pixel (TensorFlow). */
export type ImageOrder = 'nchw' | 'nhwc';

/** A model that an engine has loaded. Inputs are in the model's own shape and units. */
export interface EngineModel {
  /** Without the batch dimension. */
  readonly inputShape: readonly number[];
  /**
   * Of a flat input or reconstruction, where the file tells; without it, the user has to say for flat inputs of several
   * channels.
   */
  readonly flatOrder?: ImageOrder;
  /** The graph ended in a softmax and `output` is taken from before it. */
  readonly softmaxRemoved: boolean;
  /**
   * The graph ends in a sigmoid: of the output (`last`), or `output` is taken from before it (`removed`, where that is one
   * number per sample, or probabilities were asked for).
   */
  readonly sigmoid?: 'last' | 'removed';
  /** The layer or node whose activation is `features`. */
  readonly convolution?: string;
  /**
   * Operators that pass the gradient straight through, where `ModelSource` asks for it; empty if the model has none of them.
   * Absent: the engine cannot do it.
   */
  readonly straightThrough?: readonly string[];
  /** Estimated bytes of activations for one sample, forward and backward. */
  readonly bytesPerSample: number;
  /** sha256 over topology and weights. */
  readonly hash: string;
  /** What the user should know about how the model is run. */
  readonly notes: readonly string[];
  /** Name of the engine that computes it: another than the one asked, where that one could not. */
  readonly engine: string;
  /** Runs graphs of plugins where the model runs; absent where the engine runs no ONNX graphs. */
  readonly graphs?: GraphRunner;
  /** [n, ...], logits where the softmax was taken off. */
  predict(x: tf.Tensor): Promise<tf.Tensor>;
  /** Only as much of the model as the first convolution needs. Call it only if `convolution` is set. */
  features(x: tf.Tensor): Promise<ModelFeatures>;
  /** The `preactivation` of `features` alone, on the host: for an engine whose numbers are there before they are tensors. */
  preactivation?(x: tf.Tensor): Promise<HostValues>;
  /**
   * Weights are constants: the input's gradient is the only one computed. An objective with a `labelLoss` need not be called
   * if the engine computes that loss itself; the logits are then the model's output as it is.
   */
  differentiate(x: tf.Tensor, objective: ModelObjective): Promise<ModelGradient>;
  dispose(): void;
}

/** Numbers on the host, row by row. */
export interface HostValues {
  values: Float32Array;
  shape: readonly number[];
}

/** A number, or numbers as lists in lists. */
export type InputConstant = number | readonly InputConstant[];

export interface ModelSource {
  /** An .onnx file, a folder with a model.json, the json itself, or a .keras or .h5 file of Keras. */
  path: string;
  /** [h, w, c] of the images that will come, for sizes that the model leaves open. */
  imageShape?: readonly [number, number, number];
  /** What the user says the output is; `auto` looks at the graph and at a probe batch. */
  output: 'auto' | 'logits' | 'probabilities' | 'raw';
  /** Which output, where a file has several. */
  outputName?: string;
  /** The output is the class alone, of so many: it is given as 1 at the class and 0 at all others. */
  labels?: number;
  /** Values of inputs beside the one that is attacked, by name. */
  inputs?: Readonly<Record<string, InputConstant>>;
  /** Name of the layer or node to take features from, instead of the first convolution. */
  features?: string;
  /** Gradients pass through rounding, signs and quantisation as if these were not there. */
  straightThrough?: boolean;
}

/** A model before its engine has put its name to it. */
export type BareModel = Omit<EngineModel, 'engine' | 'notes' | 'graphs'>;

/** The graphics card that a worker has to itself, if there are any. */
export interface Card {
  /** Position among the visible ones. */
  index: number;
  /** What the system calls the cards that may be used. */
  visible: readonly string[];
}

/** One way of computing models on one device. Starting it sets the backend that tensors live on. */
export interface Engine {
  /** As the user writes it: `tfjs:wasm`. */
  readonly name: string;
  load(source: ModelSource): Promise<EngineModel>;
}

/** One thing that an engine computes on. */
export interface EngineDevice<D extends string = string> {
  /** What follows the colon of `onnx:cpu`: lower-case letters, digits and hyphens, the first a letter. */
  name: D;
  /** It is a graphics card: one worker has it to itself, instead of one worker for each core. */
  graphicsCard?: boolean;
}

export interface EngineContext<P, D extends string = string> {
  device: D;
  card: Card;
  /** Validated, defaults filled in. */
  params: P;
}

/** What an engine need not say of a model. */
type Optional = 'softmaxRemoved' | 'features' | 'engine' | 'notes' | 'graphs';

/**
 * A model as an engine gives it. The runner fills in the engine's name, that no softmax was taken off, and that there are
 * no notes; `features` is needed where `convolution` is set.
 */
export type LoadedModel = Omit<EngineModel, Optional> & Partial<Pick<EngineModel, Optional>>;

/** What `start` gives; the runner puts the name to it. */
export interface StartedEngine {
  /**
   * Loads a model, once in each worker.
   * @throws whatever tells the user what is wrong with the file, and names it
   */
  load(source: ModelSource): LoadedModel | Promise<LoadedModel>;
}

interface EngineTraits<D extends string> {
  /** What it computes on, at least one; the first is what the bare name of the engine means. */
  devices: readonly EngineDevice<D>[];
  /**
   * `start` makes a TensorFlow.js backend the current one, and is cheap when called again: it is called whenever another
   * engine's backend may be the current one. Without it, tensors live on WebAssembly, which is started before.
   */
  setsBackend?: boolean;
}

export interface EngineDefinition<S extends ParamsSchema, D extends string>
  extends PluginDescription<S>, EngineTraits<D> {
  /**
   * Starts it on a device, for each victim that a worker opens. Load what is heavy only here.
   * @throws whatever tells the user why it cannot start, and what to do
   */
  start(context: EngineContext<ParamsOf<S>, D>): StartedEngine | Promise<StartedEngine>;
}

/** An engine as the runner handles it, whatever its devices and options are. */
export interface EnginePlugin extends Contracted<'engine'>, PluginDescription, EngineTraits<string> {
  start(context: EngineContext<unknown>): StartedEngine | Promise<StartedEngine>;
}

/** Declares an engine; `engine: ./mine.js` in a spec has it compute the victim. A running one is called `name:device`. */
export function defineEngine<const S extends ParamsSchema, const D extends string>(
  definition: EngineDefinition<S, D>,
): EnginePlugin {
  return asPlugin('engine', definition) as unknown as EnginePlugin;
}
