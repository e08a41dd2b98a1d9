/** Features of a batch on the host: [n, positions, channels]. */
export interface FeatureBlock {
  data: Float32Array;
  n: number;
  positions: number;
  channels: number;
}

/** The referee's own measure of mutual information; core knows none, the run names a module that has one. */
export interface Yardstick {
  /** Goes into the report. */
  name: string;
  /** I(x, x′) per sample in nats, from features before the activation. */
  estimate(clean: FeatureBlock, perturbed: FeatureBlock): Float64Array;
}
