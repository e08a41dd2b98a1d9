/** Execution providers of ONNX Runtime that are known here. */
export type OnnxProvider = 'cpu' | 'webgpu' | 'cuda' | 'coreml' | 'dml';
