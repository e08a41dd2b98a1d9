/** Backends of TensorFlow.js that are known here. */
export type TfjsDevice = 'wasm' | 'cpu' | 'webgpu' | 'tensorflow' | 'tensorflow-gpu';
