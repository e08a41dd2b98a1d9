/** Execution providers of ONNX Runtime that are known here. */
export const onnxProviders = ['cpu', 'webgpu', 'cuda', 'coreml', 'dml'] as const;

export type OnnxProvider = (typeof onnxProviders)[number];
