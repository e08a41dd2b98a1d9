/** Layers of TensorFlow.js, for engines that turn a model into layers: apart, since few models need them. */
export { buildLayers } from './bounded-sizes.js';
export { tfl } from './tfl.js';
