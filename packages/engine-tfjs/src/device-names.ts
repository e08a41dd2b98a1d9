/** Backends of TensorFlow.js that are known here. */
export const tfjsDevices = ['tensorflow-gpu', 'tensorflow', 'webgpu', 'wasm', 'cpu'] as const;

export type TfjsDevice = (typeof tfjsDevices)[number];
