import { defineEngine } from '@gauntlet/api';

export { onnxruntimeVersion } from './version.js';

/** ONNX Runtime on a provider of its own; the machinery behind it is loaded only when it starts. */
export default defineEngine({
  name: 'onnx',
  version: 1,
  description: 'ONNX Runtime: .onnx files, and TensorFlow.js models that are written as ONNX graphs',
  devices: [
    { name: 'cpu' },
    { name: 'webgpu', graphicsCard: true },
    { name: 'cuda', graphicsCard: true },
    { name: 'coreml', graphicsCard: true },
    { name: 'dml', graphicsCard: true },
  ],
  setsBackend: true,
  params: { type: 'object', additionalProperties: false, properties: {} },
  start: async ({ device, card }) => (await import('./start.js')).startOnnx(device, card),
});
