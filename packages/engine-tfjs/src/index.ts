import { defineEngine } from '@gauntlet/api';

/** TensorFlow.js on one of its backends; the machinery behind it is loaded only when it starts. */
export default defineEngine({
  name: 'tfjs',
  version: 1,
  description: 'TensorFlow.js: LayersModels and GraphModels',
  devices: [
    { name: 'wasm' },
    { name: 'cpu' },
    { name: 'webgpu', graphicsCard: true },
    { name: 'tensorflow' },
    { name: 'tensorflow-gpu', graphicsCard: true },
  ],
  setsBackend: true,
  params: { type: 'object', additionalProperties: false, properties: {} },
  start: async ({ device, card }) => (await import('./start.js')).startTfjs(device, card),
});
