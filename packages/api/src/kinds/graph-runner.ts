import type { InferenceSession } from 'onnxruntime-common';

/**
 * Opens a graph of an attack's own, an ONNX ModelProto as bytes, on the device of the engine that lends the runner.
 */
export interface GraphRunner {
  (model: Uint8Array): Promise<InferenceSession>;
  /** That device is the processor: a batch is done sooner in parts that its caches hold. */
  readonly onProcessor?: boolean;
}
