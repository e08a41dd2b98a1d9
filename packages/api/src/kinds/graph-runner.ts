import type { InferenceSession } from 'onnxruntime-common';

/**
 * Opens a graph of an attack's own, an ONNX ModelProto as bytes, on the device of the engine that lends the runner.
 */
export type GraphRunner = (model: Uint8Array) => Promise<InferenceSession>;
