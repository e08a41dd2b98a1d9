import type { GraphRunner } from './graph-runner.js';
import type { ParamsOf, ParamsSchema } from '../params.js';
import { asPlugin, type Contracted, type PluginDescription } from './contract.js';

/** Features of a batch on the host: [n, positions, channels]. */
export interface FeatureBlock {
  data: Float32Array;
  n: number;
  positions: number;
  channels: number;
}

/** The referee's own measure of mutual information, bound to its options. */
export interface Yardstick {
  /** How it measures, with its options; goes into the report. */
  name: string;
  /**
   * I(x, x′) per sample in nats, from features before the activation. `graphs` runs ONNX graphs where the victim's engine
   * lends it; the numbers agree to 1e-4 with and without.
   */
  estimate(
    clean: FeatureBlock,
    perturbed: FeatureBlock,
    graphs?: GraphRunner,
  ): Float64Array | Promise<Float64Array>;
}

/** What `defineEstimator` takes: a measure of mutual information with options of schema S. */
export interface EstimatorDefinition<S extends ParamsSchema> extends PluginDescription<S> {
  open(params: ParamsOf<S>): Yardstick | Promise<Yardstick>;
}

/** An estimator as the runner handles it, whatever its options are. */
export interface EstimatorPlugin extends Contracted<'estimator'>, PluginDescription {
  open(params: unknown): Yardstick | Promise<Yardstick>;
}

/** Declares an estimator of mutual information; `estimator: { use: ./mine.js, params }` in a spec makes `mi` measured by it. */
export function defineEstimator<const S extends ParamsSchema>(
  definition: EstimatorDefinition<S>,
): EstimatorPlugin {
  return asPlugin('estimator', definition) as unknown as EstimatorPlugin;
}
